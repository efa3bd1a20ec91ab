# title: dataclasses, enums, protocols, context managers and annotations
# stdout: "Point(x=1, y=2) Colour.RED closed\n"
import abc
import contextlib
import enum
import inspect
import typing
from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True, order=True)
class Point:
    x: int
    y: int = 2


class Colour(enum.Enum):
    RED = enum.auto()


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self) -> float: ...


@contextlib.contextmanager
def resource(log):
    yield
    log.append('closed')


log: typing.List[str] = []
with resource(log), contextlib.suppress(TypeError):
    Shape()
print(Point(1), Colour.RED, *log)
assert asdict(replace(Point(1), y=5)) == {'x': 1, 'y': 5}
assert 'log.append' in inspect.getsource(resource) and typing.get_type_hints(Point)['x'] is int
