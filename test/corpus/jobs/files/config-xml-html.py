# title: INI, TOML, XML and HTML
# stdout: "5 [1, 2] leaf link\n"
# impossible:
#   strict: tomllib is not preloaded, and without listing directories nothing else is found
import configparser
import tomllib
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from xml.dom import minidom

config = configparser.ConfigParser()
config.read_string('[job]\nretries = 5\n')
data = tomllib.loads('list = [1, 2]')
tree = ElementTree.fromstring('<a><b name="leaf"/></a>')
minidom.parseString('<a/>').toprettyxml()


class Links(HTMLParser):
    found = None

    def handle_starttag(self, tag, attrs):
        Links.found = dict(attrs).get('href', Links.found)


Links().feed('<a href="link">x</a>')
print(config.getint('job', 'retries'), data['list'], tree.find('b').get('name'), Links.found)
