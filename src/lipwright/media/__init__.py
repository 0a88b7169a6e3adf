"""Files in, files out: probing, frames, sound, loudness, subtitles, and the writing of finished videos."""
