"""Runs untrusted code in Leeward's sandboxes."""

from .client import Client, run_code
from .errors import LeewardError
from .result import Failure, JobError, Result

__all__ = ["Client", "Failure", "JobError", "LeewardError", "Result", "run_code"]
__version__ = "0.1.0"
