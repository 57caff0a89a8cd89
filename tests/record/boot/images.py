"""Write a file that passes for a kernel image, which nothing can boot."""


def image(folder, version=b"7.3.4+deb13-amd64 (someone) #1"):
    head = bytearray(0x400)
    head[0x202:0x206] = b"HdrS"
    head[0x20E:0x210] = (0x100).to_bytes(2, "little")
    head[0x300 : 0x300 + len(version)] = version
    file = folder / "vmlinuz"
    file.write_bytes(head)
    return file
