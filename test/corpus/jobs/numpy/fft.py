# title: a frequency found with the FFT
# needs: [numpy]
# stdout: "50.0\n"
import numpy as np

t = np.arange(0, 1, 1 / 1000)
signal = np.sin(2 * np.pi * 50 * t) + 0.2 * np.cos(2 * np.pi * 120 * t)
spectrum = np.abs(np.fft.rfft(signal))
print(float(np.fft.rfftfreq(len(t), 1 / 1000)[spectrum.argmax()]))
assert np.allclose(np.fft.ifft2(np.fft.fft2(np.eye(8))).real, np.eye(8))
