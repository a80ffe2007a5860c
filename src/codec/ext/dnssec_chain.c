/* dnssec_chain: RFC 9102, 2.2: the port in the ClientHello, the chain of DNS records in the answer. */
#include "codec/ext/ext.h"

void wt_ext_dnssec_chain_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                              union wt_ext_body *out)
{
    struct wt_ext_dnssec_chain *o = &out->dnssec_chain;
    (void)c;
    if (where & WT_IN_CH) {
        o->port_number = wt_read_u16(r, "PortNumber");
        return;
    }
    o->ext_support_lifetime = wt_read_u16(r, "ExtSupportLifetime");
    o->authentication_chain = wt_read_opaque(r, "AuthenticationChain", 2, 1, 0xffff, WT_TRAIL_BYTES);
}

void wt_ext_dnssec_chain_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                               const union wt_ext_body *in)
{
    const struct wt_ext_dnssec_chain *i = &in->dnssec_chain;
    (void)c;
    if (where & WT_IN_CH) {
        wt_write_u16(w, i->port_number);
        return;
    }
    wt_write_u16(w, i->ext_support_lifetime);
    wt_write_opaque(w, i->authentication_chain, 2, 1, 0xffff, "AuthenticationChain");
}
