# title: arguments of the command line
# request: {argv: [--rows, "3", --verbose, data.csv]}
# stdout: "3 True data.csv\n"
import argparse
import sys

parser = argparse.ArgumentParser()
parser.add_argument('file')
parser.add_argument('--rows', type=int, default=10)
parser.add_argument('--verbose', action='store_true')
arguments = parser.parse_args()
print(arguments.rows, arguments.verbose, arguments.file)
assert len(sys.argv) == 5
