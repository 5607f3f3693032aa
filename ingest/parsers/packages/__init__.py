"""ZIP containers of XML parts: what Word, Excel, PowerPoint and OpenDocument files have in common."""
