"""Fuzz the readers: whatever a file holds, it is read, or refused in our own words.

``make fuzz`` (or ``python -m scripts.fuzz --seconds 3600``) runs every target under atheris, one
process each. A finding is an exception that is no `mriocarbon.errors.MriocarbonError`, seconds of
work or a GiB of memory for a small file, something left behind on the disk, or a table that comes
back changed. `bundle` is what an input is, `mutate` changes one, `seeds` and `targets` say where
it begins and who reads it, `judge` runs one and says what is wrong, `worker` is the process that
atheris drives.
"""
