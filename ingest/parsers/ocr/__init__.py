"""Words out of pictures of pages: engines, and what their lines are on the page."""
