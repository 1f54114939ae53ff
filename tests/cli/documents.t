What the documents say is what is there.
$ numbers() { sed -E 's/[0-9.]+ s \([0-9.]+[kM]?\/s\)/TIME/'; }
> diff <(sed -n '/^\$ \.\/hello$/,/^```$/p' "$SOURCE/README.md" | sed '1d;$d' | numbers) <(hello 2>&1 | numbers)
[0]
$ hello list --only 17
17  base=10 sign="" value=42
[0]
$ { combtest --help; combtest generate --help; combtest exec --help; hello --help; } | grep -oE -- '--[a-z][a-z-]*' | sort -u > options; grep -e only -e shard options
--only
--shard
[0]
$ tr -d '\\' < "$SOURCE/docs/combtest.1" | grep -oE -- '--[a-z][a-z-]*' | sort -u | diff options -
[0]
$ combtest config | while read -r key rest; do grep -qF "${key#*.}" "$SOURCE/docs/configuration.md" || echo "$key"; done
[0]
$ combtest config | while read -r key rest; do grep -qE "^#? ?${key#*.} = " "$SOURCE/combtest.cfg.sample" || echo "$key"; done
[0]
$ for name in $(grep -ohE '\bct_[a-z_]+\b' "$SOURCE/README.md" "$SOURCE/docs/from-py-combtest.md" | sort -u); do
> grep -qrw "$name" "$SOURCE"/combtest/*.h || echo "$name"; done
[0]
