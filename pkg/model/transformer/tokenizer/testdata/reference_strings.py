"""The 2 000 texts of make_reference.py: sentences of corpus.txt, cut and mixed, and everything that is hard in a text."""
import random
import unicodedata

EMOJI = ["🙂", "👩‍🔬", "👨‍👩‍👧‍👦", "🧠", "⚡️", "❤️‍🔥", "🇩🇪", "🇯🇵🇰🇷", "👍🏽", "☎", "☎️", "™", "©️", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🫨", "🪿", "🛜"]
CONTROLS = ["\x00", "\x01", "\x07", "\b", "\t", "\n", "\v", "\f", "\r", "\r\n", "\x1b[0m", "\x1f", "\x7f", "\x80", "\x85", "\x8f", "\x9f",
            "\xad", "\u200b", "\u200c", "\u200d", "\u200e", "\u2028", "\u2029", "\u202e", "\u2060", "\u2066", "\ufeff", "\ufffc", "\ufffd",
            "\ufff9", "\ue000", "\U000f0000", "\ufdd0", "\uffff", "\U0010ffff", "\U000e0001", "\u061c", "\u180e"]
SPACES = [" ", "  ", "   ", "\t\t", " \n", "\n\n", "\r\n\r\n", "\xa0", "\u1680", "\u2003", "\u2009", "\u202f", "\u205f", "\u3000", " " * 20, "\n " * 5]
MARKS = ["e\u0301", "E\u0301", "e\u0323\u0302", "e\u0302\u0323", "a\u0308\u0304", "o\u031b\u0309", "\u0301", "\u0301\u0300", "n\u0303", "ﬁ", "ﬃ", "ﬆ", "ǆ", "Ǆ",
         "Å", "Ω", "K", "ſ", "ẛ̣", "½", "①", "⑳", "Ⅷ", "㎏", "㍿", "ﷺ", "ﻼ", "ﺍ", "Ａ", "ｱ", "ﾞ", "が", "か\u3099", "한", "\u1112\u1161\u11ab", "가\u11a8", "𝔘𝔫𝔦", "𝟛", "𝒜",
         "q\u0307\u0323", "q\u0323\u0307", "\u0344", "\u0f73", "\u0958", "क\u093c", "\u09cb", "\u09c7\u09be", "\u0dda", "\u1025\u102e", "ö̲", "ï̧", "İ", "ı", "ß", "ẞ", "ΐ", "ς", "Σ",
         "Z" + "\u0300\u0316\u0334" * 14, "\u0600" + "1", "\u06dd" + "٣", "\u0e01\u0e33", "\u0eb3", "a\u034f\u0301", "\u1100\u1161\u0301", "x\ufe0f", "\u2126\u0301",
         "a\u0897b", "\u10efd", "\U00011938", "\U0001e2ae", "\u1acf", "\U00016d68", "Ɤ", "Ჹ", "ა", "Ꭰ", "ꭰ"]
SPECIALS = ["[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]", "[mask]", "<s>", "</s>", "<mask>", " <mask>", "<mask> ", "<unk>", "<pad>", "<|endoftext|>",
            "<|startoftext|>", "<|begin_of_text|>", "<|end_of_text|>", "<|end|>", "<extra_id_0>", " <extra_id_0> ", " <extra_id_1> ", "<extra_id_9>", "<bos>", "<eos>",
            "Astro", "astro", "Astrocyte", "ÉTÉ", "été", "ete", "<r>  ", "calc", "calcium!", "synapse", "naïve", "nai\u0308ve", "<0x41>", "<0xE2>", "▁", "▁the", "##s", "Ġ", "</w>", "@@"]
CODE = ["x = 3.14e-10; y+=1", "if (a && b || !c) {return 0x7F;}", "<html lang=\"en\"><b>bold</b></html>", "SELECT * FROM cells WHERE id IN (1,2,3);",
        "/usr/lib/x86_64-linux-gnu", "C:\\Users\\x", "snake_case camelCase PascalCase SCREAMING_CASE kebab-case", "a=b->c::d", "#!/bin/sh", "$HOME/${x}", "1,000,000.00",
        "12345678901234567890", "3rd 2nd 1st", "2026-11-26T08:05:29Z", "+1 (555) 010-9999", "e=mc^2", "~`!@#$%^&*()_+-=[]{}|;':\",./<>?", "``quoted'' and ''quoted``",
        "I'M you'RE he'S We'Ve 'tis 'S 'ſ 'LL", "don’t l’été", "...", "…", "—–-", "«»„“‚‘", "¿¡", "||a|b||c|", "--a---b-", "_a__b_"]


def latin(text):
    """Whether most of the letters are Latin, or there are none."""
    letters = [c for c in text if unicodedata.category(c)[0] == "L"]
    return 2 * sum("LATIN" in unicodedata.name(c, "") for c in letters) >= len(letters)


def strings(corpus):
    rng = random.Random(20)
    odd = EMOJI + CONTROLS + SPACES + MARKS + SPECIALS + CODE
    texts = [""] + odd + corpus
    foreign = [line for line in corpus if not latin(line)]
    assigned = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF and unicodedata.category(chr(c)) not in ("Cn", "Co")]
    words = [w for line in corpus for w in line.split()]

    def cut(line):
        a, b = sorted(rng.sample(range(len(line) + 1), 2))
        return line[a:min(b, a + 40)]

    def some(parts, low, high, between=("",)):
        return rng.choice(between).join(rng.choice(parts) for _ in range(rng.randint(low, high)))

    makers = [
        lambda: cut(rng.choice(corpus)),
        lambda: cut(rng.choice(foreign)),
        lambda: cut(rng.choice(foreign)) + rng.choice(odd) + cut(rng.choice(foreign)),
        lambda: some(words, 2, 7, (" ", "  ", "\n")),
        lambda: some(odd, 2, 6),
        lambda: some(words + odd, 2, 6, ("", " ")),
        lambda: some(SPECIALS, 1, 4, ("", " ", "a")) + cut(rng.choice(corpus)),
        lambda: some(MARKS, 2, 6, ("", " ", "a", "\u0301")),
        lambda: some(CONTROLS + MARKS + EMOJI, 2, 6),
        lambda: cut(rng.choice(corpus)) + some(EMOJI, 1, 3, ("", " ")) + cut(rng.choice(corpus)),
        lambda: some(SPACES, 1, 3) + some(words, 1, 3, SPACES) + some(SPACES, 0, 2),
        lambda: "".join(chr(rng.choice(assigned)) for _ in range(rng.randint(1, 8))),
        lambda: "".join(chr(rng.choice(assigned[:3000])) for _ in range(rng.randint(1, 12))),
        lambda: "".join(chr(c) for c in (rng.randrange(0x110000) for _ in range(6)) if not 0xD800 <= c <= 0xDFFF),
        lambda: cut(rng.choice(corpus)).swapcase(),
        lambda: unicodedata.normalize(rng.choice(["NFC", "NFD", "NFKC", "NFKD"]), cut(rng.choice(corpus))),
    ]
    texts += ["a" * 101, "ab" * 150, "的" * 120, "🙂" * 40, " " * 200, "é" * 99, "\u0301" * 50, "1" * 60, "ก" * 80, "a b " * 60, "x" + "\u0302" * 31 + "y"]
    seen = dict.fromkeys(texts)
    while len(seen) < 2000:
        seen.setdefault(rng.choice(makers)()[:160])
    texts = list(seen)
    assert sum(not latin(t) for t in texts) >= 500, "a quarter must be in other scripts than Latin"
    return texts
