# title: a sound written and read
# check: |
#   import wave
#   assert wave.open('tone.wav').getnframes() == 800
import array
import math
import wave

samples = array.array('h', (int(9000 * math.sin(i / 8)) for i in range(800)))
with wave.open('/output/tone.wav', 'wb') as sound:
    sound.setnchannels(1)
    sound.setsampwidth(2)
    sound.setframerate(8000)
    sound.writeframes(samples.tobytes())
with wave.open('/output/tone.wav') as sound:
    assert sound.readframes(10) == samples[:10].tobytes()
