/* Every sentence that a person reads passes through here; JSON keys and ids never do. */
#ifndef WT_BASE_I18N_H
#define WT_BASE_I18N_H

#include <libintl.h>
#include <stdbool.h>

#define WT_TEXT_DOMAIN "wiretale"
#define _(text) wt_text(text)
#define N_(text) text /* for tables: translated where it is printed */
#define ngettext_(one, many, n) wt_text_plural(one, many, (unsigned long)(n))

/* The sentence in the language that is spoken; see wt_language_settle(). */
__attribute__((format_arg(1))) const char *wt_text(const char *text);
__attribute__((format_arg(1), format_arg(2))) const char *wt_text_plural(const char *one, const char *many,
                                                                         unsigned long n);
/* From here on (`on`) the sentences of this thread are made in no language: what is made of them holds their numbers in
 * the catalogue with what was filled in (base/sentences.h), for readers that choose the language themselves. Returns
 * what was so before. */
bool wt_text_neutral(bool on);
bool wt_text_is_neutral(void);

#endif
