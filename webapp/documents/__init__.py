"""Official documents as plain data, and their faces: PDF, DOCX and XLSX, the same bytes for the same document."""
