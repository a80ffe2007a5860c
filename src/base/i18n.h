/* Every sentence that a person reads passes through here; JSON keys and ids never do. */
#ifndef WT_BASE_I18N_H
#define WT_BASE_I18N_H

#include <libintl.h>

#define WT_TEXT_DOMAIN "wiretale"
#define _(text) wt_text(text)
#define N_(text) text /* for tables: translated where it is printed */
#define ngettext_(one, many, n) dngettext(WT_TEXT_DOMAIN, one, many, n)

/* The sentence in the language that is spoken; see wt_language_settle(). */
__attribute__((format_arg(1))) const char *wt_text(const char *text);

#endif
