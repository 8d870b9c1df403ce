"""A classical baseline: a support vector machine on functionals, trained on the source alone."""

from scipy.special import softmax
from sklearn.svm import SVC

from nnpm.methods.described import Described
from nnpm.methods.linear import Classified


def classify(source: Described, target: Described) -> Classified:
    """Train on the source's "train" rows and classify every target utterance.

    The SVM has an RBF kernel with scikit-learn's defaults, C = 1 and gamma = 1 / (functionals x variance): nothing is
    tuned on either corpus, and no random number is drawn. Probabilities are the softmax of the decision function, which
    orders the classes but is not calibrated.
    """
    machine = SVC(C=1.0, kernel="rbf", gamma="scale", decision_function_shape="ovr")
    machine.fit(*source.labelled_training())
    # The columns are the classes in their order: a source has training utterances of each.
    probabilities = softmax(machine.decision_function(target.values), axis=1)
    vectors = machine.n_support_.tolist()
    return Classified(probabilities, {"support_vectors": vectors, **machine.get_params()})
