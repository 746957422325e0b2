"""The rules of the item banks as plain functions on plain data: the text formats, the citations and the measures of quality."""
