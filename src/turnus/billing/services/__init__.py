"""Use cases of billing. Everything takes its day and time as an argument."""

from turnus.billing.services.correction import cancel_bill, correct_bill
from turnus.billing.services.estimates import estimate_reading
from turnus.billing.services.instalments import adjust_instalments, plan_instalments, request_due_instalments
from turnus.billing.services.prepare import Prepared, prepare_bills
from turnus.billing.services.rebills import check_rebills
from turnus.billing.services.release import NotAsAgreed, NotReleasable, check_fit, reject_bill, release_bills
from turnus.billing.services.start import start_billing
from turnus.billing.services.waiting import Completed, release_completed

__all__ = [
    "Completed",
    "NotAsAgreed",
    "NotReleasable",
    "Prepared",
    "adjust_instalments",
    "cancel_bill",
    "check_fit",
    "check_rebills",
    "correct_bill",
    "estimate_reading",
    "plan_instalments",
    "prepare_bills",
    "reject_bill",
    "release_bills",
    "release_completed",
    "request_due_instalments",
    "start_billing",
]
