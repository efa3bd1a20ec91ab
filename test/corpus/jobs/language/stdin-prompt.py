# title: input() with a prompt, line after line
# stdin: {line: "4\n", times: 3}
# stdout: "n? n? n? 12\n"
print(sum(int(input('n? ')) for _ in range(3)))
