/* The words that are nobody's: those of the sentences, and the names of the registries. */
#include "redact/sentences.h"

#include "base/sentences.h"

#include <ctype.h>
#include <stdlib.h>

enum { SLOTS = 65536, LONGEST = 64 };

/* By their hash alone: that a word which is none has the 64 bits of another is left to chance. */
struct wt_vocabulary {
    uint64_t slots[SLOTS];
    size_t count;
};

static uint64_t *slot_of(const struct wt_vocabulary *v, uint64_t hash)
{
    size_t i = hash % SLOTS;
    while (v->slots[i] && v->slots[i] != hash)
        i = (i + 1) % SLOTS;
    return (uint64_t *)(uintptr_t)&v->slots[i];
}

static void add(struct wt_vocabulary *v, struct wt_span word)
{
    const uint64_t hash = wt_span_hash(word);
    uint64_t *slot = slot_of(v, hash);
    if (!word.n || *slot || v->count >= SLOTS / 2)
        return;
    *slot = hash;
    v->count++;
}

bool wt_vocabulary_has(const struct wt_vocabulary *v, struct wt_span word)
{
    return word.n && *slot_of(v, wt_span_hash(word)) != 0;
}

/* A name as a whole, and the words in it. */
static void add_name(struct wt_vocabulary *v, const char *name)
{
    add(v, wt_span_text(name));
    for (size_t n; *name; name += n + (name[n] != 0)) {
        n = strcspn(name, " ()");
        add(v, wt_span_of(name, n));
    }
}

static bool is_of_words(unsigned char c)
{
    return isalnum(c) || c == '_' || c == '-';
}

/* Of examples of names and addresses, which sentences have as well, no part is taken. */
static void add_sentence(struct wt_vocabulary *v, const char *text)
{
    while (*text) {
        const size_t n = strcspn(text, " \n");
        size_t from = 0, end = n;
        while (from < end && !is_of_words((unsigned char)text[from]))
            from++;
        while (end > from && !is_of_words((unsigned char)text[end - 1]))
            end--;
        bool plain = true;
        for (size_t i = from; i < end; i++)
            plain &= is_of_words((unsigned char)text[i]);
        if (plain)
            add(v, wt_span_of(text + from, end - from));
        text += n + (text[n] != 0);
    }
}

static void add_registry(struct wt_vocabulary *v, enum wt_registry registry)
{
    static const uint32_t versions[] = {WT_SSL2, WT_TLCP, WT_DTLS10, WT_DTLS12, WT_DTLS13};
    const unsigned width = wt_registry_width(registry);
    const uint32_t most = width == 1 ? 0xff : 0xffff;
    const char *name;
    for (uint32_t value = 0; value <= most; value++)
        if ((name = wt_registry_name(registry, value)))
            add_name(v, name);
    for (size_t i = 0; registry == WT_REG_VERSION && i < sizeof versions / sizeof *versions; i++)
        if ((name = wt_registry_name(registry, versions[i])))
            add_name(v, name);
}

struct wt_vocabulary *wt_vocabulary_new(void)
{
    struct wt_vocabulary *v = calloc(1, sizeof *v);
    if (!v)
        return NULL;
    for (unsigned r = WT_REG_NONE + 1; r < WT_REG_COUNT; r++)
        add_registry(v, (enum wt_registry)r);
    for (unsigned kx = 0; kx < WT_KX_COUNT; kx++)
        add_name(v, wt_kx_info_of((enum wt_kx)kx)->name);
    for (unsigned auth = 0; auth < WT_AUTH_COUNT; auth++)
        add_name(v, wt_auth_info_of((enum wt_auth)auth)->name);
    for (unsigned hash = 0; hash < WT_HASH_COUNT; hash++)
        add_name(v, wt_hash_info_of((enum wt_hash_id)hash)->name ? wt_hash_info_of((enum wt_hash_id)hash)->name : "");
    const struct wt_sentence *s;
    for (size_t i = 0; (s = wt_sentence(i)); i++) {
        add_sentence(v, s->english);
        if (s->many)
            add_sentence(v, s->many);
    }
    return v;
}

void wt_vocabulary_free(struct wt_vocabulary *v)
{
    free(v);
}
