"""Rules that hold in every language that has the lists they name. The notation: `monitor.domain.wordlists`."""

RULES = """
safety: {body} ~ {hurt}, {body} ~ {harmed}, {kin} ~ {harmed}, {kid} ~ {harmed}, {thing} ~ {blaze}, {object} ~ {food}, {eaten} ~ {sick}, {kin} ~ {sick}, {kid} ~ {sick}, {kid} ~ {body} ~ {broke}
discrimination: ?{group}, {refused} ~ {ident}, {insulted} ~ {ident}
privacy: {other} ~ {data}, {leak} ~ {data}, {courier} ~ {contacts}, {gave} ~ {contact}, {leak} ~ {contact}, {courier} ~ {contact}, {gave} ~ {other}
money: {pay} ~ {twice}, {cash} ~ {gone}, {stop} ~ {pay}, {took} ~ {cash}, {took} ~ #
press: {write} ~ {medium}
child: {kid} ~ {harmed}, {kid} ~ {object}, {kid} ~ {blaze}, {kid} ~ {contacts}, {kid} ~ {insulted}, {kid} ~ {harm}, {kid} ~ {sick}, {kid} ~ {body} ~ {hurt}, {sold} ~ {adult} ~ {kid}, {picture} ~ {kid} ~ {published}, {childthing} ~ {broke}
"""
