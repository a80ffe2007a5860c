/* What to do about a finding where its row's advice does not fit: the mend depends on the reason and on the side. */
#ifndef WT_DIAGNOSIS_ADVICE_H
#define WT_DIAGNOSIS_ADVICE_H

enum wt_advice {
    WT_ADVICE_OF_ROW,
#define WT_ADVICE(id, text) WT_ADVICE_##id,
#include "diagnosis/advice.def"
#undef WT_ADVICE
    WT_ADVICE_COUNT
};

#endif
