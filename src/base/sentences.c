#include "base/sentences.h"
#include "base/memory.h"

#include "base/i18n.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static const struct wt_sentence sentences[] = {
#include "sentences.inc"
};

enum { COUNT = sizeof sentences / sizeof *sentences, SLOTS = 8192, DEEPEST = 8 };
_Static_assert(COUNT < SLOTS / 2, "the table of sentences has become too small");

/* By the sentence's own bytes, made once; and both neutral forms of each, made when they are first asked for. */
static uint16_t slots[SLOTS];
static _Atomic(char *) neutral[COUNT][2];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

static uint32_t hash(const char *text)
{
    uint32_t h = 2166136261u;
    for (; *text; text++)
        h = (h ^ (uint8_t)*text) * 16777619u;
    return h ^ h >> 15;
}

static void index_all(void)
{
    for (size_t i = 0; i < COUNT; i++) {
        uint32_t at = hash(sentences[i].english) % SLOTS;
        while (slots[at])
            at = (at + 1) % SLOTS;
        slots[at] = (uint16_t)(i + 1);
    }
}

const struct wt_sentence *wt_sentence(size_t number)
{
    return number < COUNT ? &sentences[number] : NULL;
}

static size_t number_of(const char *english)
{
    (void)pthread_once(&once, index_all);
    for (uint32_t at = hash(english) % SLOTS; slots[at]; at = (at + 1) % SLOTS)
        if (strcmp(sentences[slots[at] - 1].english, english) == 0)
            return slots[at] - 1u;
    return COUNT;
}

static const char *made_once(size_t number, bool many)
{
    char *made = atomic_load_explicit(&neutral[number][many], memory_order_acquire);
    if (made)
        return made;
    (void)pthread_mutex_lock(&making);
    made = neutral[number][many];
    if (!made)
        made = wt_format_new("%c%zu%s%s%c", WT_SENTENCE_BEGIN, number, many ? ".1" : "", sentences[number].arguments,
                             WT_SENTENCE_END);
    neutral[number][many] = made;
    (void)pthread_mutex_unlock(&making);
    return made ? made : sentences[number].english;
}

/* A sentence is a literal, and comes again from the same place: hashing its letters each time was most of what a page's
 * sentences cost. That they are still the same letters is looked at, since the place may be a room that is used anew;
 * of most literals the linker has made the very string of the catalogue. */
const char *wt_sentence_neutral(const char *english, bool many)
{
    enum { KEPT = 1024 };
    static _Thread_local struct {
        const char *english, *made[2];
        const char *other; /* the catalogue's string, where that is another one with the same letters */
    } kept[KEPT];
    const size_t at = (size_t)((uintptr_t)english * 0x9e3779b97f4a7c15u >> 40) % KEPT;
    if (kept[at].english != english || (kept[at].other && strcmp(kept[at].other, english) != 0)) {
        const size_t number = number_of(english);
        if (number == COUNT)
            return english;
        kept[at].english = english;
        kept[at].other = sentences[number].english == english ? NULL : sentences[number].english;
        kept[at].made[0] = made_once(number, false);
        kept[at].made[1] = made_once(number, true);
    }
    return kept[at].made[many];
}

/* --- into words --------------------------------------------------------------------------------------------------- */

/* What is left of a text, and how deep we are in it. */
struct teller {
    const char *p;
    unsigned depth;
};

enum { ARGUMENTS = 16 };

static void tell(struct teller *t, struct wt_buffer *out);

/* A conversion of printf at p: its length, and which argument it names (0: the next). */
static size_t conversion(const char *p, unsigned *which)
{
    const char *q = p + 1;
    char *end;
    const unsigned long position = strtoul(q, &end, 10);
    *which = 0;
    if (*end == '$' && position) {
        *which = (unsigned)position;
        q = end + 1;
    }
    q += strspn(q, "-+ #0'123456789.*hlzjtL");
    return (size_t)(q - p) + (*q != 0);
}

static void fill(struct wt_buffer *out, const char *format, char *const *arguments, size_t count)
{
    size_t next = 0;
    while (*format) {
        const size_t plain = strcspn(format, "%");
        unsigned which;
        (void)wt_buffer_add(out, format, plain);
        format += plain;
        if (format[0] == '%' && format[1] == '%') {
            (void)wt_buffer_add_char(out, '%');
            format += 2;
        } else if (*format) {
            format += conversion(format, &which);
            const size_t at = which ? which - 1 : next++;
            if (at < count && arguments[at])
                (void)wt_buffer_add_text(out, arguments[at]);
        }
    }
}

/* Behind \001: a sentence up to its \003, or to where the text was cut. */
static void sentence(struct teller *t, struct wt_buffer *out)
{
    char *end, *arguments[ARGUMENTS] = {NULL};
    size_t n = 0;
    const unsigned long number = strtoul(t->p, &end, 10);
    bool many = false;
    t->p = end;
    if (t->p[0] == '.' && t->p[1] == '1') {
        many = true;
        t->p += 2;
    }
    while (*t->p == WT_SENTENCE_ARGUMENT) {
        struct wt_buffer b = {0};
        t->p++;
        tell(t, &b);
        (void)wt_buffer_add_char(&b, 0);
        if (n < ARGUMENTS && !b.failed)
            arguments[n++] = (char *)b.p;
        else
            wt_buffer_free(&b);
    }
    if (*t->p == WT_SENTENCE_END)
        t->p++;
    const struct wt_sentence *s = wt_sentence(number);
    if (s && s->many)
        fill(out, dngettext(WT_TEXT_DOMAIN, s->english, s->many, many ? 2 : 1), arguments, n);
    else if (s)
        fill(out, dgettext(WT_TEXT_DOMAIN, s->english), arguments, n);
    while (n)
        free(arguments[--n]);
}

/* Up to the end of the argument that we are in, or of the text. */
static void tell(struct teller *t, struct wt_buffer *out)
{
    t->depth++;
    while (*t->p && *t->p != WT_SENTENCE_ARGUMENT && *t->p != WT_SENTENCE_END) {
        const char stops[] = {WT_SENTENCE_BEGIN, WT_SENTENCE_ARGUMENT, WT_SENTENCE_END, 0};
        const size_t plain = strcspn(t->p, stops);
        (void)wt_buffer_add(out, t->p, plain);
        t->p += plain;
        if (*t->p != WT_SENTENCE_BEGIN)
            continue;
        t->p++;
        if (t->depth >= DEEPEST)
            break; /* none of ours is so deep: what is left has been cut */
        sentence(t, out);
    }
    t->depth--;
}

void wt_sentence_speak(struct wt_buffer *b, const char *text)
{
    struct teller t = {text, 0};
    while (*t.p) {
        tell(&t, b);
        if (*t.p)
            t.p++; /* a mark without its sentence */
    }
}
