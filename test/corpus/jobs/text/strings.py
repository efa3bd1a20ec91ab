# title: formatting, wrapping, templates, unicode and translation
# stdout: "  1,234.50|ﬁ->fi|Hello Ann|LATIN SMALL LETTER E WITH ACUTE\n"
import string
import textwrap
import unicodedata

text = f'{1234.5:>10,.2f}|ﬁ->{unicodedata.normalize("NFKC", "ﬁ")}'
print(text, string.Template('Hello $name').substitute(name='Ann'), unicodedata.name('é'), sep='|')
assert len(textwrap.wrap('word ' * 40, 50)) == 4
assert 'straße'.casefold() == 'strasse'
assert 'abc'.translate(str.maketrans('abc', 'xyz')) == 'xyz'
