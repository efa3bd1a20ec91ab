# title: a wrong argument ends with usage and exit code 2
# request: {argv: [--nothing]}
# exit: 2
import argparse

argparse.ArgumentParser(prog='job').parse_args()
