"""What NNPM scores under each reading of what the paper leaves open: figure, tables, and the best combination."""

from nnpm.files import write_csv, write_text
from nnpm.reporting import drawing
from nnpm.reporting.sensitivity import figure, numbers, text
from nnpm.reporting.tables import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, output = snakemake.input, snakemake.params, snakemake.output
    readings, study = dict(params.readings), Study(**params.study)
    each = len(files.metrics) // len(readings)
    shown = [title for title in readings for _ in range(each)]
    runs = numbers.runs_frame(map(numbers.Run, shown, files.metrics, files.histories))
    summary = numbers.summarise(runs, files.predictions, files.before)
    chosen = numbers.best(summary, readings)
    drawn = figure.draw(runs, summary, params.targets, numbers.picked(chosen, readings), study)
    drawing.publish(drawn, summary, text.TITLE, text.describe(summary, params.targets), output)
    write_csv(output.runs, runs)
    write_text(output.md, text.to_markdown(summary, params.targets, study))
    write_text(output.best, text.overlay(chosen, summary, readings))
