#include "base/i18n.h"

#include "base/sentences.h"
#include "wiretale/language.h"

#include <stdbool.h>

/* gettext looks the locale, the domain's file and LANGUAGE up for each sentence, found or not: on millions of
 * connections that told English sentences, it was a twelfth of all the work. */
static bool untranslated;
/* Of a thread: what one observer writes without a language, another program's thread says in one. */
static _Thread_local bool neutral;

void wt_language_settle(void)
{
    /* the empty message is a catalogue's head: only where there is a catalogue, it is not empty */
    const char *head = dgettext(WT_TEXT_DOMAIN, "");
    untranslated = !*head;
}

bool wt_text_neutral(bool on)
{
    const bool before = neutral;
    neutral = on;
    return before;
}

bool wt_text_is_neutral(void)
{
    return neutral;
}

const char *wt_text(const char *text)
{
    if (neutral)
        return wt_sentence_neutral(text, false);
    return untranslated ? text : dgettext(WT_TEXT_DOMAIN, text);
}

const char *wt_text_plural(const char *one, const char *many, unsigned long n)
{
    return neutral ? wt_sentence_neutral(one, n != 1) : dngettext(WT_TEXT_DOMAIN, one, many, n);
}
