#include "base/i18n.h"

#include "wiretale/language.h"

#include <stdbool.h>

/* gettext looks the locale, the domain's file and LANGUAGE up for each sentence, found or not: on millions of
 * connections that told English sentences, it was a twelfth of all the work. */
static bool untranslated;

void wt_language_settle(void)
{
    /* the empty message is a catalogue's head: only where there is a catalogue, it is not empty */
    const char *head = dgettext(WT_TEXT_DOMAIN, "");
    untranslated = !*head;
}

const char *wt_text(const char *text)
{
    return untranslated ? text : dgettext(WT_TEXT_DOMAIN, text);
}
