# title: filters, spectra, splines and pictures as arrays
# needs: [scipy]
# stdout: "50.0 True 3 2 True\n"
import numpy as np
from scipy import fft, interpolate, ndimage, signal

rate = 1000
t = np.arange(rate) / rate
wave = np.sin(2 * np.pi * 50 * t) + 0.2 * np.sin(2 * np.pi * 200 * t)
spectrum = np.abs(fft.rfft(wave, workers=2))
low = signal.sosfiltfilt(signal.butter(4, 100, fs=rate, output='sos'), wave)
peaks, _ = signal.find_peaks([0, 2, 0, 3, 0, 1, 0])
picture = np.zeros((60, 60))
picture[10:20, 10:20] = picture[40:50, 40:50] = 1
_, found = ndimage.label(ndimage.gaussian_filter(ndimage.rotate(picture, 30, reshape=False), 1) > 0.5)
spline = interpolate.CubicSpline(t[::20], np.sin(t[::20]))
print(
    float(fft.rfftfreq(rate, 1 / rate)[spectrum.argmax()]),
    bool(np.abs(low - np.sin(2 * np.pi * 50 * t))[100:-100].max() < 0.1),
    len(peaks),
    found,
    bool(np.allclose(spline(t[:900]), np.sin(t[:900]), atol=1e-5)),
)
