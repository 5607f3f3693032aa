"""`footnote eval drift`: did what people ask, what is found and what is answered change?"""
