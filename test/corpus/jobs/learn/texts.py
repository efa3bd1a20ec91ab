# title: texts to numbers, their topics and their kind
# needs: [sklearn]
# stdout: "['GET', 'page'] (2, 5) True True\n"
import numpy as np
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

with open('/input/access.log') as file:
    lines = file.read().splitlines()[:300]
status = [line.split()[-2] for line in lines]
counts = CountVectorizer(lowercase=False, token_pattern='[A-Za-z]+', stop_words=['HTTP']).fit(lines[:2])
topics = LatentDirichletAllocation(2, max_iter=3, random_state=0, n_jobs=2).fit(TfidfVectorizer(max_features=5).fit_transform(lines))
model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression())
hashed = make_pipeline(HashingVectorizer(alternate_sign=False), MultinomialNB())
known = np.mean(model.fit(lines, status).predict(lines) == status)
print(list(counts.get_feature_names_out()), topics.components_.shape, known > 0.95, hashed.fit(lines, status).score(lines, status) > 0.5)
