"""From frozen records to PDF: German words and figures, typst templates, fonts. No Django, no database."""
