# title: text in East Asian and old encodings
# stdout: "日本語 中文 한국어 Привет €\n"
# impossible:
#   strict: the codec is not preloaded, and no machine code can be loaded
words = {'shift_jis': '日本語', 'gb18030': '中文', 'euc_kr': '한국어', 'koi8_r': 'Привет', 'cp1252': '€'}
decoded = []
for encoding, word in words.items():
    path = f'/tmp/{encoding}.txt'
    with open(path, 'w', encoding=encoding) as file:
        file.write(word)
    decoded.append(open(path, encoding=encoding).read())
for encoding in ('big5', 'iso2022_jp', 'utf_16', 'utf_7', 'idna', 'punycode'):
    'abc'.encode(encoding).decode(encoding)
print(*decoded)
