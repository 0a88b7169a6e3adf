#!/bin/bash
# Speaks, mixes, trains, packages and evaluates: run.sh PYTHON FOLDER. PYTHON has Lipwright; torch gets an environment of its own.
set -euo pipefail
python=$1 folder=$2 here=$(dirname "$0")
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
speak() { test -f "$folder/$4.npz" || nice -n 15 "$python" "$here/voices.py" "$1" --minutes "$2" --seed "$3" --output "$folder/$4.npz"; }

mkdir -p "$folder"
speak kokoro 10 1 kokoro
speak kokoro-blends 24 11 kokoro-blends
speak kokoro-romance 14 31 kokoro-romance
speak kokoro-kept-out 2 900 kokoro-kept-out
speak portuguese-kept-out 1.2 900 portuguese-kept-out
speak hibari 45 1 hibari
speak hibari 2.5 900 hibari-kept-out
if ldconfig -p | grep -q 'libespeak-ng.so.1'; then speak espeak 56 1 espeak; else echo "no espeak-ng: training goes on without it"; fi
nice -n 15 "$python" "$here/mix.py" "$folder" --streams 1000 --seed 1 --output train.npz
nice -n 15 "$python" "$here/mix.py" "$folder" --streams 600 --seed 2 --output train-2.npz
nice -n 15 "$python" "$here/listen.py" "$folder" --streams 500 --seed 1 --output heard
nice -n 15 "$python" "$here/listen.py" "$folder" --streams 110 --seed 43 --silent 1 --output heard-silent

test -x "$folder/env/bin/python" || "$python" -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet "$(grep -o 'torch==[0-9.]*' "$here/../../pyproject.toml")" numpy onnx
train() { PYTHONPATH="$here/../../src" nice -n 15 "$folder/env/bin/python" "$here/$1.py" "$folder" "${@:2}"; }
train train --steps 16000 --seed 1 --output "$folder/first.onnx"
train train --data train-2.npz --begin "$folder/first.pt" --rate 1.2e-3 --steps 8000 --seed 2 --output "$folder/sound_to_mouth.onnx"
train train_recording --steps 8000 --seed 1 --output "$folder/first_recording.onnx"
train train_recording --data heard heard-silent --begin "$folder/first_recording.pt" --rate 1e-3 --steps 3500 --seed 7 \
    --output "$folder/recording_to_mouth.onnx"
"$python" "$here/install.py" "$folder/sound_to_mouth.onnx" "$folder/recording_to_mouth.onnx"
nice -n 15 "$python" "$here/evaluate.py" "$folder" --streaming
nice -n 15 "$python" "$here/evaluate.py" "$folder"
