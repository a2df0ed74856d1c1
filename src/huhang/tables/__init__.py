"""Tables that other systems hold: Excel, CSV and JSON files with a header that is recognised. Pure.

A ``Vocabulary`` says which fields a kind of file has and how their columns are usually called;
``reading.read`` opens a file, finds its sheets and headers, and gives rows as a stream. What is
refused is named with sheet, row, field and reason, and can be saved as a workbook. No database.
"""
