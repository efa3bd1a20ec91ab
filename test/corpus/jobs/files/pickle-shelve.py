# title: pickle, shelve and copy
# stdout: "{'a': [1, 2]} True\n"
# impossible:
#   strict: the database behind shelve is not preloaded, and without listing directories nothing else is found
import copy
import pickle
import shelve
from dataclasses import dataclass, field


@dataclass
class Basket:
    owner: str
    items: list = field(default_factory=list)


basket = Basket('ann', ['pear'])
with open('/output/basket.pkl', 'wb') as file:
    pickle.dump(basket, file)
with open('/output/basket.pkl', 'rb') as file:
    loaded = pickle.load(file)
with shelve.open('/output/shelf') as shelf:
    shelf['a'] = [1, 2]
with shelve.open('/output/shelf') as shelf:
    print(dict(shelf), loaded == copy.deepcopy(basket))
