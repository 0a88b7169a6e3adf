"""French words that the rules of reading do not tell: exceptions, links, silent ends."""

from types import MappingProxyType

from lipwright.speech.wordlist import word_list, word_set


def _table(text: str) -> dict[str, str]:
    pairs = text.split()
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


WORDS = MappingProxyType(
    _table(
        "monsieur məsjø messieurs mesjø madame madam femme fam fils fis est ɛ et e les le des de ces se mes me tes te"
        " ses se un œ̃ une yn eu y eus y eut y ville vil mille mil tranquille tʁɑ̃kil oignon ɔɲɔ̃ automne"
        " otɔn second səɡɔ̃"
        " seconde səɡɔ̃d août ut plus ply tous tu six sis dix dis huit yit neuf nœf cinq sɛ̃k sept sɛt"
        " vingt vɛ̃ cent sɑ̃"
        " temps tɑ̃ longtemps lɔ̃tɑ̃ printemps pʁɛ̃tɑ̃ corps kɔʁ pays pei paysage peizaʒ paysan peizɑ̃ œil œj yeux jø"
        " hier jɛʁ mer mɛʁ fer fɛʁ cher ʃɛʁ hiver ivɛʁ amer amɛʁ enfer ɑ̃fɛʁ cancer kɑ̃sɛʁ super sypɛʁ fier"
        " fjɛʁ ver vɛʁ"
        " avec avɛk donc dɔ̃k tabac taba estomac ɛstɔma porc pɔʁ sud syd ours uʁs sens sɑ̃s bus bys virus viʁys campus"
        " kɑ̃pys autobus otobys ouest wɛst brut bʁyt club klœb film film rhum ʁɔm album albɔm forum fɔʁɔm"
        " maximum maksimɔm"
        " minimum minimɔm parfum paʁfœ̃ examen ɛɡzamɛ̃ faim fɛ̃ nom nɔ̃ gens ʒɑ̃ dans dɑ̃ chez ʃe assez ase"
        " nez ne clef kle"
        " pied pje blanc blɑ̃ franc fʁɑ̃ long lɔ̃ sang sɑ̃ rang ʁɑ̃ fusil fyzi outil uti gentil ʒɑ̃ti"
        " persil pɛʁsi sourcil"
        " suʁsi œuf œf œufs ø bœufs bø bœuf bœf os ɔs sœur sœʁ cœur kœʁ le lə de də je ʒə me mə te tə se sə ce sə ne nə"
        " que kə qui ki quoi kwa où u ou u au o aux o eau o eaux o leur lœʁ leurs lœʁ deux dø trois tʁwa quatre katʁ"
        " onze ɔ̃z douze duz treize tʁɛz quatorze katɔʁz quinze kɛ̃z seize sɛz trente tʁɑ̃t quarante kaʁɑ̃t cinquante"
        " sɛ̃kɑ̃t soixante swasɑ̃t est-ce ɛs es ɛ ai e ait ɛ aie ɛ a a as a à a ont ɔ̃ sont sɔ̃ suis syi"
        " sommes sɔm êtes ɛt"
        " fait fɛ faits fɛ faites fɛt faisons fəzɔ̃ dites dit peut pø peux pø veut vø veux vø pu py su sy"
        " vu vy bu by lu ly"
        " dû dy puis pyis depuis dəpyi lui lyi huile yil nuit nyi pluie plyi bruit bʁyi fruit fʁyi cuisine kyizin"
        " suite syit tuer tye nuage nyaʒ juin ʒyɛ̃ juillet ʒyijɛ aiguille eɡyij linguistique lɛ̃ɡyistik"
        " équateur ekwatœʁ"
        " aquarium akwaʁjɔm quartz kwaʁts science sjɑ̃s sciences sjɑ̃s client klijɑ̃ clients klijɑ̃ patience pasjɑ̃s"
        " expérience ɛkspeʁjɑ̃s audience odjɑ̃s orient ɔʁjɑ̃ prix pʁi voix vwa croix kʁwa paix pɛ choix ʃwa noix nwa"
        " perdrix pɛʁdʁi alors alɔʁ toujours tuʒuʁ jamais ʒamɛ ailleurs ajœʁ plusieurs plyzjœʁ quelque kɛlk quelques"
        " kɛlk quelqu'un kɛlkœ̃ lorsque lɔʁsk puisque pyisk parce paʁs presque pʁɛsk chacun ʃakœ̃ aucun okœ̃ commun"
        " kɔmœ̃ lundi lœ̃di brun bʁœ̃ humble œ̃bl parfums paʁfœ̃ mademoiselle madəmwazɛl aujourd'hui oʒuʁdyi"
        " maintenant mɛ̃tnɑ̃ samedi samdi médecin medsɛ̃ événement evɛnmɑ̃ développement devlɔpmɑ̃ appeler aple acheter"
        " aʃte enlever ɑ̃lve emmener ɑ̃mne ennemi ɛnmi solennel sɔlanɛl hennir aniʁ technique tɛknik orchestre ɔʁkɛstʁ"
        " écho eko chœur kœʁ psychologie psikɔlɔʒi architecte aʁʃitɛkt archéologie aʁkeɔlɔʒi chaos kao choral kɔʁal"
        " chronique kʁɔnik almanach almana yacht jɔt week-end wikɛnd football futbol internet ɛ̃tɛʁnɛt"
        " email imɛl web wɛb"
        " mail mɛl net nɛt ok okɛ cool kul parking paʁkiŋ marketing maʁkətiŋ camping kɑ̃piŋ dessus dəsy dessous dəsu"
        " ressembler ʁəsɑ̃ble ressource ʁəsuʁs ressources ʁəsuʁs secret səkʁɛ regard ʁəɡaʁ degré dəɡʁe"
        " reflet ʁəflɛ refrain"
        " ʁəfʁɛ̃ replier ʁəplije pourquoi puʁkwa jusque ʒysk oui wi non nɔ̃ bien bjɛ̃ rien ʁjɛ̃ mien mjɛ̃"
        " tien tjɛ̃ sien"
        " sjɛ̃ chien ʃjɛ̃ viens vjɛ̃ vient vjɛ̃ tient tjɛ̃ tiens tjɛ̃ devient dəvjɛ̃ revient ʁəvjɛ̃ contient kɔ̃tjɛ̃"
        " maintient mɛ̃tjɛ̃ obtient ɔptjɛ̃ combien kɔ̃bjɛ̃ ancien ɑ̃sjɛ̃ lien ljɛ̃ bonheur bɔnœʁ malheur malœʁ heure œʁ"
        " heures œʁ beurre bœʁ peuvent pœv veulent vœl doivent dwav savent sav vont vɔ̃ font fɔ̃ viennent vjɛn tiennent"
        " tjɛn prennent pʁɛn croient kʁwa voient vwa soient swa soit swa sois swa aient ɛ eux ø ceux sø"
        " mieux mjø vieux vjø"
        " vieil vjɛj vieille vjɛj œuvre œvʁ peur pœʁ seul sœl seule sœl jeune ʒœn peuple pœpl fleuve flœv neuve nœv"
        " directeur diʁɛktœʁ fonction fɔ̃ksjɔ̃ action aksjɔ̃ question kɛstjɔ̃ questions kɛstjɔ̃ suggestion syɡʒɛstjɔ̃"
        " gestion ʒɛstjɔ̃ digestion diʒɛstjɔ̃ pitié pitje moitié mwatje amitié amitje métier metje entier ɑ̃tje sentier"
        " sɑ̃tje chantier ʃɑ̃tje héritier eʁitje partie paʁti parties paʁti sortie sɔʁti garantie ɡaʁɑ̃ti"
        " modestie mɔdɛsti"
        " respect ʁɛspɛ aspect aspɛ direct diʁɛkt correct kɔʁɛkt exact ɛɡzakt impact ɛ̃pakt contact kɔ̃takt"
        " compact kɔ̃pakt"
        " index ɛ̃dɛks silex silɛks gaz ɡaz zéro zeʁo chef ʃɛf bref bʁɛf sel sɛl appel apɛl hôtel otɛl est-il ɛtil"
        " million miljɔ̃ millions miljɔ̃ milliard miljaʁ milliards miljaʁ milliers milje millier milje village vilaʒ"
        " villages vilaʒ ville-là vilːa illusion ilyzjɔ̃ illustre ilystʁ million miljɔ̃ distiller distile"
        " osciller ɔsile"
        " faudrait fodʁɛ chercher ʃɛʁʃe mars maʁs avril avʁil juillet ʒyijɛ octobre ɔktɔbʁ centième sɑ̃tjɛm"
        " virgule viʁɡyl pourcent puʁsɑ̃ euro øʁo euros øʁo dollar dɔlaʁ dollars dɔlaʁ kilomètre kilomɛtʁ"
        " kilomètres kilomɛtʁ"
    )
)
UNSTRESSED = word_set(
    "le la les l' un une des du de d' au aux à en et ou je tu il elle on nous vous ils elles me te se ce "
    "ces mon ton son ma ta sa mes tes ses nos vos leur leurs que qui ne est sont a ont y dans par pour sur "
    "sous avec sans chez dont si mais comme quand"
)
ASPIRATED = word_list(
    "haut hauteur hausse héros honte hasard hache haine hall halte hamac hanche handicap hangar haricot "
    "harpe hâte hibou hiérarch hockey hollande homard hongrie hors housse huit hurl hutte huée hérisson "
    "herse heurt hideu hiss onz oui ouistiti yacht yaourt yoga"
)
"""Beginnings of words that no other word links to."""
LINKING = MappingProxyType(
    {
        **dict.fromkeys(
            word_list(
                "les des ces mes tes ses nos vos aux leurs nous vous ils elles deux trois six dix dans sans "
                "sous chez très plus moins quelques plusieurs certains petits grands bons autres beaux gros "
                "mauvais quels quelles suis sommes êtes avons avez"
            ),
            "z",
        ),
        **dict.fromkeys(word_list("est sont ont quand grand petit tout vingt cent huit faut avait était fait"), "t"),
        **dict.fromkeys(word_list("un on en mon ton son bien rien aucun bon"), "n"),
    }
)
"""Words and the sound with which they link to a following vowel."""
PLURAL_SUBJECTS = frozenset({"ils", "elles"})
NASAL_ENT = word_set(
    "argent accident incident président client patient absent présent différent urgent parent parents "
    "talent vent dent agent content récent cent innocent intelligent excellent violent prudent évident "
    "souvent serpent torrent continent occident orient ingrédient inconvénient équivalent permanent "
    "transparent apparent fréquent cohérent concurrent étudiant résident adolescent décent indécent "
    "négligent sergent lent ardent pénitent éminent compétent impatient quotient récipient insolent opulent "
    "turbulent succulent virulent polyvalent ambivalent prévalent précédent antécédent dissident trident "
    "strident rodent auvent paravent évent avent régent contingent indigent diligent convergent divergent "
    "émergent détergent onguent délinquant éloquent conséquent subséquent déférent adhérent référent "
    "inhérent indifférent afférent vétérent latent intermittent mécontent impotent omnipotent pertinent "
    "proéminent imminent abstinent incontinent tangent astringent réticent innocents accent"
)
"""Words on -ent with a nasal at the end; other words on -ent, but not on -ment, are verbs with a silent end."""
