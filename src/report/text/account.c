/* What was not read, and what the packets were: the head's lines about a file as a whole. */
#include "report/text/account.h"

#include "base/memory.h"
#include "report/text/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* JSON's reasons, for people. */
static const struct {
    const char *reason, *text;
} reasons[] = {
    {"packet_truncated", N_("truncated packets")},
    {"link_type_unknown", N_("packets with an unknown link type")},
    {"packet_malformed", N_("malformed packets")},
    {"encapsulation_too_deep", N_("packets with too many layers")},
    {"fragment_lost", N_("incomplete IP fragments")},
    {"fragment_limit", N_("IP fragments over the limit")},
    {"tcp_reassembly_limit", N_("TCP streams over the reassembly limit")},
    {"tcp_segments_dropped", N_("discarded TCP segments")},
    {"conversation_limit", N_("TCP conversations over the limit")},
    {"udp_conversation_limit", N_("UDP conversations over the limit")},
    {"dialogue_limit", N_("plaintext dialogues over the limit")},
    {"message_limit", N_("messages over the limit")},
    {"memory_limit", N_("conversations let go to stay within --max-memory")},
    {"certificate_limit", N_("certificates over the limit")},
    {"signature_limit", N_("signatures or chains not checked (limit)")},
    {"late_segments", N_("TCP segments after their connection had ended")},
    {"refusal_limit", N_("refused or unanswered TCP connections over the limit")},
    {"copy_limit", N_("repeated TCP segments that were not compared (limit)")},
    {"step_limit", N_("steps of key derivation or record protection over the limit")},
    {"trial_limit", N_("directions of connections whose records are no longer tried with keys (limit)")},
    {"same_limit", N_("connections that may be at more places of the file than was recognized (limit)")},
    {"server_limit", N_("failed connections to servers of which only the latest is known (limit)")},
    {"twin_limit", N_("refused or unanswered ClientHellos that were not compared with all answered ones (limit)")},
    {"icmp_limit", N_("ICMP errors of conversations over the limit")},
    {"account_limit", N_("packets of more kinds than are counted one by one")},
    {"place_limit", N_("message locations over the limit")},
    {"out_of_memory", N_("losses due to lack of memory")},
};

static void undecoded_words(struct wt_text *x, const struct wt_undecoded *u)
{
    char reason[64];
    for (size_t i = 0; u->reason && i < sizeof reasons / sizeof *reasons; i++)
        if (!strcmp(u->reason, reasons[i].reason)) {
            /* TRANSLATORS: what was not decoded, and how often: "malformed packets 3" */
            wt_words_add(x, _("%s %" PRIu64), _(reasons[i].text), u->count);
            return;
        }
    (void)snprintf(reason, sizeof reason, "%s", u->reason ? u->reason : "?");
    for (char *p = reason; *p; p++)
        *p = *p == '_' ? ' ' : *p;
    wt_words_add(x, "%s %" PRIu64, reason, u->count);
}

/* An ethertype in `undecoded`: what followed it was read by a guess. */
static bool is_guess(const char *reason)
{
    return reason && !strncmp(reason, "ethertype_", 10);
}

/* --- the buckets of the account ----------------------------------------------------------------------------------- */

enum { MAY_HIDE = 1, COUNTED = 2 };

/* Buckets: a name that ends in an underscore stands for all with a number. MAY_HIDE: TLS may be in it, and this is said
 * whatever else was found; COUNTED: `undecoded` has it already. */
static const struct bucket {
    const char *name;
    uint8_t flags;
    const char *text, *advice;
} buckets[] = {
#define WT_BUCKET_TEXT(name, flags, text, advice) {name, flags, text, advice},
#include "report/text/buckets.def"
#undef WT_BUCKET_TEXT
};

/* Names of numbers, which are the same in all languages. */
static const struct {
    const char *name, *text;
} named[] = {
#define WT_BUCKET_NAMED(name, text) {name, text},
#include "report/text/named_buckets.def"
#undef WT_BUCKET_NAMED
};

static const struct bucket *bucket_of(const char *name)
{
    for (size_t i = 0; i < sizeof buckets / sizeof *buckets; i++) {
        size_t n = strlen(buckets[i].name);
        if (!strcmp(name, buckets[i].name) || (buckets[i].name[n - 1] == '_' && !strncmp(name, buckets[i].name, n)))
            return &buckets[i];
    }
    return NULL;
}

static const char *name_of(const char *bucket)
{
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (!strcmp(bucket, named[i].name))
            return named[i].text;
    return NULL;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
/* The row's text with the bucket's number in it, and the number's name. */
static void bucket_text(const struct wt_undecoded *u, char *out, size_t size)
{
    const struct bucket *row = bucket_of(u->reason);
    const char *name = name_of(u->reason), *number;
    size_t n = row ? strlen(row->name) : 0;
    char what[128];
    if (!row) {
        (void)snprintf(out, size, "%s", u->reason);
        return;
    }
    number = row->name[n - 1] == '_' ? u->reason + n : "";
    (void)snprintf(what, sizeof what, _(row->text), number);
    if (name)
        /* TRANSLATORS: a name, and the number that it is the name of: "LLDP (ethertype 0x88cc)" */
        (void)snprintf(out, size, _("%s (%s)"), name, what);
    else
        (void)snprintf(out, size, "%s", what);
}
#pragma GCC diagnostic pop

static bool may_hide(const char *bucket)
{
    const struct bucket *row = bucket_of(bucket);
    return row && row->flags & MAY_HIDE && !(row->flags & COUNTED) && !name_of(bucket);
}

/* Where TLS was found in both directions, only what may hide more of it is said. */
static void hidden_words(struct wt_text *x, const struct wt_summary *s)
{
    char what[160];
    for (size_t i = 0; i < s->account_count; i++)
        if (may_hide(s->account[i].reason)) {
            bucket_text(&s->account[i], what, sizeof what);
            wt_words_add(x, _("%s %" PRIu64), what, s->account[i].count);
        }
}

static bool wants_account(const struct wt_summary *s)
{
    return s->account_count && s->packets && (!s->connections || s->one_sided);
}

/* The next largest bucket after `last` that is to be shown. */
static const struct wt_undecoded *next_bucket(const struct wt_summary *s, const struct wt_undecoded *last)
{
    const struct wt_undecoded *best = NULL;
    for (size_t i = 0; i < s->account_count; i++) {
        const struct wt_undecoded *u = &s->account[i];
        bool is_tls = !strcmp(u->reason, "tls") || (s->connections && !strcmp(u->reason, "tcp"));
        if (!u->count || is_tls || (last && (u->count > last->count || (u->count == last->count && u <= last))))
            continue;
        if (!best || u->count > best->count)
            best = u;
    }
    return best;
}

static void bucket_line(struct wt_text *x, const struct wt_undecoded *u)
{
    const struct bucket *row = bucket_of(u->reason);
    char what[160], line[512];
    bucket_text(u, what, sizeof what);
    if (row && row->advice && !name_of(u->reason))
        /* TRANSLATORS: what packets are, and what to do about it */
        (void)snprintf(line, sizeof line, _("%s: %s"), what, _(row->advice));
    else
        (void)snprintf(line, sizeof line, "%s", what);
    (void)snprintf(what, sizeof what, "%9" PRIu64 "  ", u->count);
    wt_term_text(&x->term, what);
    wt_term_wrap(&x->term, 11, x->term.columns, line);
    wt_term_end(&x->term);
}

/* Silence about what was not looked into would look like its absence. */
static void account(struct wt_text *x, const struct wt_summary *s)
{
    enum { MOST = 6 };
    const struct wt_undecoded *u = next_bucket(s, NULL);
    if (!u)
        return;
    wt_term_wrap(&x->term, 0, x->term.columns,
                 s->connections
                     ? _("One direction of a connection is missing. Packets that are not part of TLS, by what "
                         "they are:")
                     : _("No TLS was found. Packets, by what they are:"));
    wt_term_end(&x->term);
    for (unsigned i = 0; u && i < MOST; i++, u = next_bucket(s, u))
        bucket_line(x, u);
}

static void undecoded(struct wt_text *x, const struct wt_summary *s)
{
    wt_words_clear(x);
    for (size_t i = 0; i < s->undecoded_count; i++)
        if (s->undecoded[i].count && !is_guess(s->undecoded[i].reason))
            undecoded_words(x, &s->undecoded[i]);
    if (!wants_account(s))
        hidden_words(x, s);
    if (x->words.n == 0)
        return;
    char *list = wt_strdup(wt_words_get(x));
    wt_term_style(&x->term, WT_STYLE_WARN);
    wt_term_text(&x->term, _("not decoded: "));
    wt_term_wrap(&x->term, 3, x->term.columns, list ? list : "");
    wt_term_style(&x->term, WT_STYLE_PLAIN);
    wt_term_end(&x->term);
    free(list);
}

/* Headers that are not known were passed over. */
static void guesses(struct wt_text *x, const struct wt_summary *s)
{
    char line[256];
    for (size_t i = 0; i < s->undecoded_count; i++) {
        const struct wt_undecoded *u = &s->undecoded[i];
        if (!is_guess(u->reason) || !u->count)
            continue;
        (void)snprintf(line, sizeof line,
                       _("Ethertype %s (packets: %" PRIu64 ") is not known. An IP header that adds up was found after "
                         "it, and what follows was read: that is a guess."),
                       u->reason + strlen("ethertype_"), u->count);
        wt_term_wrap(&x->term, 0, x->term.columns, line);
        wt_term_end(&x->term);
    }
}

/* Where there is no connection, what else was there: somebody may be looking for QUIC. */
static void udp(struct wt_text *x, const struct wt_summary *s)
{
    char line[256];
    (void)snprintf(line, sizeof line,
                   ngettext_("%" PRIu64 " UDP conversation (packets: %" PRIu64 ", payload bytes: %" PRIu64
                             ") was counted: no QUIC or DTLS was found in it.",
                             "%" PRIu64 " UDP conversations (packets: %" PRIu64 ", payload bytes: %" PRIu64
                             ") were counted: no QUIC or DTLS was found in them.",
                             (unsigned long)s->udp_conversations),
                   s->udp_conversations, s->udp_packets, s->udp_bytes);
    wt_term_wrap(&x->term, 0, x->term.columns, line);
    wt_term_end(&x->term);
}

void wt_text_account(struct wt_text *x, const struct wt_summary *s)
{
    if (s->connections == 0 && s->udp_packets)
        udp(x, s);
    if (wants_account(s))
        account(x, s);
    guesses(x, s);
    undecoded(x, s);
}
