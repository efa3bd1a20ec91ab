# title: every extension module of the runtime can be imported
# needs: [numpy, pandas, pyarrow, matplotlib]
# stdout: "[]\n"
import importlib
import pathlib
import sys
import sysconfig

# A job cannot load machine code: what is not preloaded is not there. Left out on purpose:
LEFT_OUT = {
    '_xxsubinterpreters', 'xxlimited', 'xxlimited_35', 'nis', 'ossaudiodev',  # gone or experimental in later Pythons
    '_tkinter', 'PIL._imagingtk', 'matplotlib.backends._tkagg',  # windows on a screen
    'pyarrow._flight', 'pyarrow.libarrow_python', 'pyarrow.libarrow_python_flight',  # network; libraries, no modules
    'pyarrow.libarrow_python_parquet_encryption',
    'numpy._core._simd',  # for NumPy's own tests
    'fontTools.cu2qu.cu2qu', 'fontTools.feaLib.lexer', 'fontTools.pens.momentsPen', 'fontTools.qu2cu.qu2cu',  # making fonts
}
packages = next(path for path in sys.path if path.endswith('site-packages'))
failed = []
for root in (sysconfig.get_path('stdlib') + '/lib-dynload', packages):
    for path in sorted(pathlib.Path(root).rglob('*.so')):
        name = '.'.join(path.relative_to(root).parts).split('.cpython')[0].removesuffix('.so')
        if name in LEFT_OUT or 'test' in name or '.libs' in name:
            continue
        try:
            importlib.import_module(name)
        except ImportError as error:
            failed.append((name, str(error)))
print(failed)
