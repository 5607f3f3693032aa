"""`footnote bench lists`: how long lists of many documents take, and the pages of a long one."""
