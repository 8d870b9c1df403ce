"""The paper's method under each reading of what the paper leaves open: figure, tables, and the best combination."""

from nnpm import pages
from nnpm.files import write_csv, write_text
from nnpm.reporting import drawing, metrics
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.sensitivity import figure, numbers, text
from nnpm.reporting.study import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, output = snakemake.input, snakemake.params, snakemake.output
    readings, study = [numbers.Reading(*reading) for reading in params.readings], Study(**params.study)
    runs = numbers.runs_frame(files.runs, readings)
    shown = dict(zip([*files.runs, *files.before_runs], [*files.predictions, *files.before], strict=True))
    predictions = metrics.predictions_frame(list(shown), list(shown.values()))
    summary = numbers.summarise(runs, metrics.metrics_frame(shown), Evidence(predictions), readings)
    chosen = numbers.best(summary, readings)
    page = text.page(summary, params.targets, study)
    drawn = figure.draw(runs, summary, params.targets, numbers.picked(chosen, readings), study)
    words = text.words(summary, params.targets, study)
    drawing.publish(drawn, summary, words, output, {"sections": pages.to_json(page)})
    write_csv(output.runs, runs)
    write_text(output.md, pages.to_markdown(page))
    write_text(output.best, text.overlay(chosen, summary, readings))
