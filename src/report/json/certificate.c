/* A certificate of the JSON contract. */
#include "report/json/certificate.h"

#include "story/times.h"

static void key_of_certificate(struct wt_json *j, const struct wt_certificate_facts *f)
{
    if (!f->key_type)
        return;
    wt_json_key(j, "key");
    wt_json_open(j, '{');
    wt_json_member_text(j, "type", f->key_type);
    if (f->key_bits > 0) {
        wt_json_key(j, "bits");
        wt_json_number(j, (uint64_t)f->key_bits);
    }
    wt_json_member_text(j, "curve", f->key_curve);
    wt_json_close(j, '}');
}

static void list(struct wt_json *j, const char *key, const struct wt_text_list *l)
{
    if (!l->count)
        return;
    wt_json_key_word(j, key);
    wt_json_open(j, '[');
    for (size_t i = 0; i < l->count; i++)
        wt_json_text(j, l->items[i]);
    wt_json_close(j, ']');
}

static void timestamps(struct wt_json *j, const struct wt_certificate_facts *f)
{
    if (!f->sct_count)
        return;
    wt_json_key(j, "scts");
    wt_json_open(j, '[');
    for (size_t i = 0; i < f->sct_count; i++) {
        wt_json_open(j, '{');
        wt_json_member_number(j, "version", f->scts[i].version);
        wt_json_key(j, "log_id");
        wt_json_hex(j, wt_span_of(f->scts[i].log_id, sizeof f->scts[i].log_id));
        wt_json_key(j, "timestamp");
        wt_json_time(j, (struct wt_time){wt_sct_ns(&f->scts[i]), 3});
        wt_json_close(j, '}');
    }
    wt_json_close(j, ']');
}

/* What the extensions say (RFC 5280, 4.2). */
static void extensions(struct wt_json *j, const struct wt_certificate_facts *f)
{
    list(j, "key_usage", &f->key_usage);
    list(j, "extended_key_usage", &f->extended_key_usage);
    if (f->is_ca && f->path_length >= 0)
        wt_json_member_number(j, "path_length", (uint64_t)f->path_length);
    if (f->permitted_names.count || f->excluded_names.count) {
        wt_json_key(j, "name_constraints");
        wt_json_open(j, '{');
        list(j, "permitted", &f->permitted_names);
        list(j, "excluded", &f->excluded_names);
        wt_json_close(j, '}');
    }
    list(j, "ocsp_urls", &f->ocsp_urls);
    list(j, "issuer_urls", &f->issuer_urls);
    list(j, "crl_urls", &f->crl_urls);
    list(j, "policies", &f->policies);
    wt_json_member_text(j, "subject_key_id", f->subject_key_id);
    wt_json_member_text(j, "authority_key_id", f->authority_key_id);
    wt_json_member_flag(j, "must_staple", f->must_staple);
    timestamps(j, f);
}

void wt_json_certificate(struct wt_json *j, const struct wt_certificate_facts *f)
{
    wt_json_certificate_as(j, f, NULL);
}

void wt_json_certificate_as(struct wt_json *j, const struct wt_certificate_facts *f, const char *role)
{
    wt_json_open(j, '{');
    wt_json_member_word(j, "role", role);
    if (f->parsed) {
        wt_json_member_text(j, "subject", f->subject);
        wt_json_member_text(j, "issuer", f->issuer);
        wt_json_member_text(j, "serial", f->serial);
        wt_json_key(j, "not_before");
        wt_json_date(j, f->not_before);
        wt_json_key(j, "not_after");
        wt_json_date(j, f->not_after);
        list(j, "san", &(struct wt_text_list){f->san, f->san_count});
        key_of_certificate(j, f);
        wt_json_member_text(j, "signature_algorithm", f->signature_algorithm);
        wt_json_member_flag(j, "ca", f->is_ca);
        wt_json_member_flag(j, "self_issued", f->self_issued);
        extensions(j, f);
    }
    wt_json_key(j, "sha256");
    wt_json_hex(j, wt_span_of(f->sha256, sizeof f->sha256));
    wt_json_key(j, "sha1");
    wt_json_hex(j, wt_span_of(f->sha1, sizeof f->sha1));
    wt_json_key(j, "length");
    wt_json_number(j, f->length);
    wt_json_close(j, '}');
}
