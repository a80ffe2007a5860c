#include "redact/vocabulary.h"

#include "base/memory.h"
#include "base/sentences.h"
#include "base/span_hash.h"
#include "registry/registry.h"

#include <ctype.h>
#include <openssl/objects.h>
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

/* Of what is beside TLS on a connection, and of fields. */
static const char *const others[] = {
#define WT_PORT(number, service, source) service,
#include "registry/ports.def"
#undef WT_PORT
#define N_(text) text
#define WT_BANNER_TEXT(id, text) text,
#include "wording/banners.def"
#undef WT_BANNER_TEXT
#undef N_
#define WT_STARTTLS(id, name, ...) name,
#include "starttls/protocols.def"
#undef WT_STARTTLS
#define N_(text) NULL
#define WT_FIELD_TOLD(where, field, text) field,
#include "report/explain/fields.def"
#undef WT_FIELD_TOLD
#undef N_
    /* lists, which no row explains */
    "cipher_suites",
    "certificate_list",
    "extensions",
    "named_group_list",
    "rsa_modulus",
    "rsa_exponent",
    "dh_p",
    "dh_g",
    "dh_Ys",
    "supported_signature_algorithms",
    "key_exchange",
    "client_shares",
    "server_name_list",
    "protocol_name_list",
    "certificate_authorities",
    "record",
    "HTTP/1.0",
    "HTTP/1.1",
    "HTTP/2.0",
    "Forbidden",
    "LMTP",
    "RST",
    "FIN",
    "SYN"};

static void add_objects(struct wt_vocabulary *v)
{
    const int most = OBJ_new_nid(0);
    for (int nid = 1; nid < most; nid++)
        if (OBJ_nid2obj(nid))
            add_name(v, OBJ_nid2ln(nid));
}

struct wt_vocabulary *wt_vocabulary_new(void)
{
    struct wt_vocabulary *v = wt_calloc(1, sizeof *v);
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
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i])
            add_name(v, others[i]);
    add_objects(v);
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
