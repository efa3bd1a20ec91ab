# title: logging to a file and to standard error, warnings and their capture
# check: |
#   text = open('job.log').read()
#   assert 'INFO started' in text and 'ZeroDivisionError' in text and 'old way' in text
# impossible:
#   strict: logging.handlers is not preloaded, and without listing directories nothing else is found
import logging
import logging.handlers
import warnings

formatter = logging.Formatter('%(asctime)s %(levelname)s %(message)s [%(process)d %(threadName)s]')
file = logging.handlers.RotatingFileHandler('/output/job.log', maxBytes=100_000, backupCount=1)
for handler in (file, logging.StreamHandler()):
    handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)
logging.getLogger().setLevel(logging.DEBUG)
logging.captureWarnings(True)
logging.info('started')
try:
    1 / 0
except ZeroDivisionError:
    logging.exception('cannot')
warnings.warn('the old way', DeprecationWarning, stacklevel=1)
warnings.warn('old way again', UserWarning, stacklevel=1)
