#include "wording/wording.h"

#include "base/i18n.h"

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

static const char *const openings[] = {
#define WT_OPENING(ID, id, text) [WT_##ID] = text,
#include "wording/openings.def"
#undef WT_OPENING
};

static const char *const chains[WT_CHAIN_WHYS] = {
#define WT_CHAIN_TEXT(ID, text) [WT_CHAIN_##ID] = text,
#include "wording/certificates.def"
#undef WT_CHAIN_TEXT
};

static const char *const ocsps[WT_OCSP_FAULTS] = {
#define WT_OCSP_TEXT(ID, text) [WT_OCSP_##ID] = text,
#include "wording/certificates.def"
#undef WT_OCSP_TEXT
};

static const char *const banners[WT_BANNER_COUNT] = {
#define WT_BANNER_TEXT(ID, text) [WT_BANNER_##ID] = text,
#include "wording/banners.def"
#undef WT_BANNER_TEXT
};

const char *wt_wording_opening(enum wt_opening opening)
{
    return (unsigned)opening < COUNT_OF(openings) ? openings[opening] : NULL;
}

const char *wt_wording_chain(enum wt_chain_why why)
{
    return (unsigned)why < COUNT_OF(chains) ? chains[why] : NULL;
}

const char *wt_wording_ocsp(enum wt_ocsp_fault fault)
{
    return (unsigned)fault < COUNT_OF(ocsps) ? ocsps[fault] : NULL;
}

const char *wt_wording_banner(enum wt_banner banner)
{
    return (unsigned)banner < COUNT_OF(banners) ? banners[banner] : NULL;
}
