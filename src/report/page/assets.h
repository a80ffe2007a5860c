/* The page's markup, style and scripts, joined at build time from page/ by page/embed.py. */
#ifndef WT_REPORT_PAGE_ASSETS_H
#define WT_REPORT_PAGE_ASSETS_H

#include <stddef.h>

/* What is before the index, between it and the blocks, and behind them; without a NUL. */
extern const unsigned char wt_page_before[], wt_page_between[], wt_page_after[];
extern const size_t wt_page_before_length, wt_page_between_length, wt_page_after_length;

#endif
