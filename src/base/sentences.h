/* Every sentence of the catalogue, by number, and the neutral form of a text: the numbers of its sentences with what was
 * filled in, so that whoever shows it can choose the language.
 *
 * Neutral: \001 NUMBER [.1] (\002 ARGUMENT)* \003, where ".1" is the form for many, an argument is what printf made of a
 * conversion, in the order of the English sentence, and may hold such texts again. All else is literal. What comes from
 * the wire never has these three characters: it is escaped before it is put in (report/term.h). */
#ifndef WT_BASE_SENTENCES_H
#define WT_BASE_SENTENCES_H

#include "base/buffer.h"

#define WT_SENTENCE_BEGIN '\001'
#define WT_SENTENCE_ARGUMENT '\002'
#define WT_SENTENCE_END '\003'

struct wt_sentence {
    const char *english;
    const char *many;      /* its form for many, or NULL */
    const char *arguments; /* "\002%s\002%u": its conversions */
    const char *chinese;   /* NULL: not translated */
};

/* NULL past the last. */
const struct wt_sentence *wt_sentence(size_t number);

/* The neutral form of a sentence, to be used as a format where the sentence is one; static. The sentence itself when the
 * catalogue does not have it, or the system gives no memory. */
const char *wt_sentence_neutral(const char *english, bool many);

/* Appends a text to b in the language that is spoken: neutral parts are put into words, all else stands as it is. */
void wt_sentence_speak(struct wt_buffer *b, const char *text);

#endif
