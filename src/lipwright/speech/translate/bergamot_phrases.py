"""What Bergamot's models translate badly: exclamations that stand alone, and idioms."""

import re
from types import MappingProxyType

_ENGLISH = """
thank you=obrigado|thank you very much=muito obrigado|thank you so much=muito obrigado|thanks=obrigado
thanks a lot=muito obrigado|many thanks=muito obrigado|thank you all=obrigado a todos
thank you everyone=obrigado a todos|thank you, everyone=obrigado a todos|thanks for watching=obrigado por assistir
thank you for watching=obrigado por assistir|thanks for listening=obrigado por ouvir
bye=tchau|bye bye=tchau, tchau|bye-bye=tchau, tchau|goodbye=adeus|hi there=olá|hey=ei|hey there=olá
hi everyone=olá a todos|hello everyone=olá a todos|hi, everyone=olá a todos|hello, everyone=olá a todos|hello there=olá
of course=claro|of course not=claro que não|right=certo|all right=tudo bem|alright=tudo bem|fine=tudo bem|nope=não
i'm sorry=desculpe|sorry about that=desculpe|excuse me=com licença|oh my god=meu Deus|oh my gosh=minha nossa
oh my=nossa|wow=uau|um=hum|uh=ah|er=hum|hmm=hum|hm=hum|oops=opa|ouch=ai|yay=oba|mm-hmm=aham|uh-huh=aham|wait=espere
wait a minute=espere um minuto|wait a second=espere um segundo|hold on=espere|go=vá|go on=continue|go ahead=vá em frente
come on=vamos|listen=escute|great=ótimo|nice=legal|cool=legal|sweet=que bom|awesome=incrível|amazing=incrível
good=bom|well done=muito bem|good job=bom trabalho|great job=ótimo trabalho|what=o quê?|how=como?|really=sério?
seriously=sério?|how come=por quê?|so=então|well=bem|so what=e daí?|i see=entendo|got it=entendi|never mind=deixa pra lá
you know=sabe|see you=até mais|see you later=até mais tarde|see you soon=até breve|see you tomorrow=até amanhã
see you next time=até a próxima|cheers=saúde|congratulations=parabéns|welcome=bem-vindos|you're welcome=de nada
ready=pronto?|are you ready=você está pronto?|next=próximo|one=um|dad=pai|mom=mãe|mum=mãe
the end=fim
no way=de jeito nenhum|no problem=sem problema
not at all=de modo algum|me too=eu também|me neither=nem eu|good for you=que bom para você
how are you=como vai?|how are you doing=como vai?|how are you doing today=como vai você hoje?|how's it going=como vai?
what's up=e aí?|nice to meet you=prazer em conhecê-lo|take care=cuide-se|have a nice day=tenha um bom dia
have a great day=tenha um ótimo dia|you bet=com certeza|absolutely=com certeza|definitely=com certeza
like and subscribe=curta e inscreva-se|subscribe=inscreva-se|please subscribe=inscreva-se|stay tuned=fique ligado
amen=amém|boo=buu|shh=psiu|ladies and gentlemen=senhoras e senhores|guys=pessoal|hey guys=oi, pessoal
hi guys=oi, pessoal|hello guys=olá, pessoal|you too=você também|same here=eu também|fair enough=justo
"""
_PORTUGUESE = """
obrigado=thank you|obrigada=thank you|muito obrigado=thank you very much|muito obrigada=thank you very much
valeu=thanks|oi=hi|olá=hello|tchau=bye|até mais=see you later|até logo=see you soon|tudo bem=all right
e aí=what's up?|sim=yes|tá=okay|tá bom=okay|está bem=all right|né=right?|desculpa=sorry|desculpe=sorry
com licença=excuse me|o quê=what?|quê=what?|nossa=wow|fim=the end|claro=of course|isso=that's right|pois é=yeah
aham=uh-huh|hum=hmm|opa=oops|ai=ouch|vamos lá=let's go|bem-vindo=welcome|bem-vindos=welcome|de nada=you're welcome
parabéns=congratulations|beleza=cool|legal=cool|sério=really?|até amanhã=see you tomorrow|meu deus=oh my God
obrigado a todos=thank you all|sem problema=no problem|com certeza=definitely|eu também=me too|gente=guys
senhoras e senhores=ladies and gentlemen|como vai=how are you?|tudo bom=how are you?|cadê=where is it?
"""


def _table(text: str) -> dict[str, str]:
    entries = (entry.partition("=") for line in text.split("\n") for entry in line.split("|") if entry)
    return {source: target[:1].upper() + target[1:] for source, _, target in entries}


PHRASES = MappingProxyType({"en": _table(_ENGLISH), "pt": _table(_PORTUGUESE)})
"""Source language to what stands alone, in small letters without its end, and what is said for it."""

ENGLISH_IDIOMS = tuple(
    (re.compile(rf"\b{pattern}\b", re.IGNORECASE), plain)
    for pattern, plain in (
        (r"thank you(?: all| everyone)? for", "thanks for"),
        (r"thank you (?:so|very) much(?: indeed)? for", "many thanks for"),
        (r"(?:bye[- ]bye|bye)(?=,)", "goodbye"),
        (r"(cost|costs|costing)( \w+)? an arm and a leg", r"\1\2 a fortune"),
        (r"it was raining cats and dogs", "it rained a lot"),
        (r"raining cats and dogs", "raining a lot"),
        (r"cut to the chase", "get to the point"),
        (r"a piece of cake", "very easy"),
        (r"once in a blue moon", "very rarely"),
        (r"break a leg", "good luck"),
        (r"under the weather", "a little ill"),
        (r"hit the nail on the head", "were exactly right"),
        (r"(spill|spilled|spilling) the beans", "tell the secret"),
        (r"the best of both worlds", "the advantages of both"),
        (r"at the end of the day(?=,)", "in the end"),
        (r"in a nutshell", "in short"),
        (r"from scratch", "from the beginning"),
        (r"how are you doing", "how are you feeling"),
        (r"let's call it a day", "let's stop here for today"),
        (r"when pigs fly", "never"),
        (r"on the same page", "in agreement"),
        (r"out of the blue", "suddenly"),
        (r"(?:a )?rule of thumb", "a practical rule"),
        (r"gonna", "going to"),
        (r"wanna", "want to"),
        (r"gotta", "have to"),
        (r"kinda", "kind of"),
        (r"y'all", "you all"),
        (r"ain't", "is not"),
        (r"'cause", "because"),
    )
)
"""Pattern and what says the same in plain words."""
