/* The language of sentences: gettext's, in the domain "wiretale", by the locale's LC_MESSAGES and LANGUAGE. */
#ifndef WIRETALE_LANGUAGE_H
#define WIRETALE_LANGUAGE_H

#include "wiretale/error.h"

/* Looks whether there is a catalogue for the language that setlocale(), LANGUAGE and bindtextdomain() have chosen. If
 * there is none, sentences are from here on taken as they stand in the source, which spares a search for each: a
 * connection has dozens. Call it anew after a change of language; without a call every sentence is searched. Not to be
 * called while another thread has sentences told. */
WT_API void wt_language_settle(void);

#endif
