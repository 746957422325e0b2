"""One module per outside thing (database, files, ffmpeg, typesetting …), each with a local form and room for a production form."""
