"""The review desk in words: kinds, objections, outcomes, and what each number of a policy means."""

from services.web.words import N_

KINDS = {
    "violence": N_("Violence"),
    "harassment": N_("Harassment"),
    "weapon": N_("Weapon"),
    "theft": N_("Theft"),
    "damage": N_("Damage"),
    "drugs": N_("Drugs"),
    "over_consumption": N_("Over-consumption"),
    "fraud": N_("Fraud"),
    "other": N_("Other"),
}

PROPOSAL_STATES = {
    "open": N_("Open"),
    "approved": N_("Approved"),
    "rejected": N_("Rejected"),
    "expired": N_("Not answered in time"),
    "withdrawn": N_("Withdrawn: what it rested on changed"),
}

ENTRY_STATES = {
    "waiting": N_("Not begun"),
    "active": N_("Holds now"),
    "lapsed": N_("Over"),
    "lifted": N_("Lifted"),
}

VERDICTS = {"approve": N_("Approved"), "reject": N_("Rejected")}

OUTCOMES = {
    "upheld": N_("It stays as it is"),
    "shortened": N_("It ends sooner"),
    "lifted": N_("It is lifted now"),
}

OBJECTIONS = {
    "not_a_person": N_("Only people decide, and this key is none."),
    "not_permitted": N_("Managers of this venue decide here."),
    "proposed_it": N_("You proposed it, so others decide."),
    "reported_an_incident": N_("You reported one of its incidents, so others decide."),
    "corrected_an_incident": N_("You corrected one of its incidents, so others decide."),
    "decided_already": N_("You have given your word; others are still needed."),
    "decided_the_proposal": N_("You decided on this entry, so somebody else hears the appeal."),
}

SEEN_AS = {
    "visit": N_("At the door"),
    "alert": N_("Alert at the door"),
    "incident": N_("Attached to an incident"),
}

POLICY_FIELDS = {
    "half_life_days": N_("After so many nights an incident counts half"),
    "forgotten_after_days": N_("After so many nights it counts nothing"),
    "repetition_percent": N_("Each earlier night that counts adds so many percent"),
    "repetition_limit_percent": N_("The most that an incident may weigh, in percent"),
    "reporter_cap": N_("The most that one person’s reports come to"),
    "night_cap": N_("The most that one night comes to"),
    "venue_threshold": N_("Points at which one venue is proposed"),
    "chain_threshold": N_("Points at which the whole chain is proposed"),
    "approvals_short": N_("People who must agree, up to 30 days"),
    "approvals_long": N_("People who must agree, beyond 30 days"),
    "approvals_chain": N_("People who must agree, for the whole chain"),
    "answer_within_days": N_("Days to answer a proposal before it expires"),
    "appeal_within_days": N_("Days to decide an appeal"),
}

POLICY_PROBLEMS = {
    "unknown": N_("This is not part of a policy."),
    "missing": N_("Five whole numbers are needed here, or at least one duration."),
    "out_of_bounds": N_("Whole numbers from %(least)s to %(most)s."),
    "more_severe_is_less": N_("What is more severe must not be worth less."),
    "must_rise": N_("Each step must be longer than the one before."),
    "must_be_under": N_(
        "It must be under %(value)s, the points asked for: one person’s word never decides alone."
    ),
    "must_not_exceed": N_("It must not be over %(value)s."),
}
