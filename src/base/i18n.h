/* Every sentence that a person reads passes through here; JSON keys and ids never do. */
#ifndef WT_BASE_I18N_H
#define WT_BASE_I18N_H

#include <libintl.h>

#define WT_TEXT_DOMAIN "wiretale"
#define _(text) dgettext(WT_TEXT_DOMAIN, text)
#define N_(text) text /* for tables: translated where it is printed */
#define ngettext_(one, many, n) dngettext(WT_TEXT_DOMAIN, one, many, n)

#endif
