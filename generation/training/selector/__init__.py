"""Answer sentence selection: does a sentence answer a question? (Garg et al. 2020, arXiv 1911.04118.)

A reranker says what a sentence is about, which is nearly the same until someone asks what the documents do not hold.
"""
