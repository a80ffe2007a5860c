/* What a handshake's rules and order found, in one sentence each. */
#include "wording/handshake.h"

#include "base/i18n.h"
#include "flow/flow.h"
#include "wiretale/registry.h"

#include <inttypes.h>
#include <stdio.h>

void wt_wording_breach(const struct wt_breach *b, const char *message, char *out, size_t size)
{
    const struct wt_error *e = &b->error;
    const enum wt_registry registry = (enum wt_registry)wt_rule_of((enum wt_rule_id)b->rule)->registry;
    const char *name = registry != WT_REG_NONE ? wt_registry_name(registry, e->value) : NULL;
    const char *alert = wt_registry_name(WT_REG_ALERT, b->alert);
    const char *sender = b->side == WT_CLIENT ? _("the client") : _("the server");
    char text[640];
    if (b->rule == WT_RULE_SECOND_ORDER) {
        /* TRANSLATORS: an extension's name */
        (void)snprintf(out, size,
                       _("The second ClientHello has the extensions of the first in another order, from %s on."),
                       name ? name : "?");
        return;
    }
    if (b->rule == WT_RULE_RECORD_FRAGMENT || b->rule == WT_RULE_RECORD_SIZE) {
        (void)snprintf(out, size,
                       /* TRANSLATORS: a record's content type, "the client" or "the server", a section, an alert */
                       _("A %s record from %s holds at least %" PRIu64 " bytes of plaintext, more than the %" PRIu64
                         " that were agreed on (%s). The receiver must answer with alert %s."),
                       message, sender, e->value, e->bound, e->rule, alert);
        return;
    }
    if (b->alert == WT_ALERT_RECORD_OVERFLOW) {
        (void)snprintf(out, size,
                       _("A %s record from %s has %" PRIu64 " bytes, more than the %" PRIu64
                         " that are allowed (%s). The receiver must answer with alert %s."),
                       message, sender, e->value, e->bound, e->rule, alert);
        return;
    }
    (void)wt_error_format(e, text, sizeof text);
    /* TRANSLATORS: a message's name, "the client" or "the server", the broken rule with its RFC, (a code point's name,)
     * an alert's name */
    if (name)
        (void)snprintf(out, size,
                       _("%s from %s breaks a rule: %s. The value is %s. The receiver must answer with alert %s."),
                       message, sender, text, name, alert);
    else
        (void)snprintf(out, size, _("%s from %s breaks a rule: %s. The receiver must answer with alert %s."), message,
                       sender, text, alert);
}

void wt_wording_skipped(enum wt_skipped how, const char *message, const char *missing, const char *rfc, char *out,
                        size_t size)
{
    (void)snprintf(
        out, size,
        /* TRANSLATORS: the message that was sent, those that are missing, a section */
        how == WT_SKIPPED_RESUMED
            ? _("The server sent %s as if it resumed a session, but the ClientHello offered no session that this "
                "ServerHello accepts: %s must be sent first (%s).")
        : how == WT_SKIPPED_BY_CLIENT ? _("The client sent %s without %s, which must be sent before it (%s).")
                                      : _("The server sent %s without %s, which must be sent before it (%s)."),
        message, missing, rfc);
}

void wt_wording_unexpected(bool from_client, const char *message, const char *expected, const char *rfc, char *out,
                           size_t size)
{
    if (!*expected)
        (void)snprintf(out, size,
                       /* TRANSLATORS: the message that was sent, a section */
                       from_client ? _("The client sent %s where no message of the client may come (%s).")
                                   : _("The server sent %s where no message of the server may come (%s)."),
                       message, rfc);
    else
        (void)snprintf(out, size,
                       /* TRANSLATORS: the message that was sent, those of which one may be sent, a section */
                       from_client ? _("The client sent %s; here it may send only: %s (%s).")
                                   : _("The server sent %s; here it may send only: %s (%s)."),
                       message, expected, rfc);
}

const char *wt_wording_message(unsigned message)
{
    const char *name = message == WT_FLOW_CCS ? wt_registry_name(WT_REG_CONTENT_TYPE, WT_CONTENT_CHANGE_CIPHER_SPEC)
                                              : wt_registry_name(WT_REG_HANDSHAKE_TYPE, message);
    return name ? name : _("a message without a name");
}
