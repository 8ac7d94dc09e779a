"""What the classifier must leave alone: film work, drama, history, medicine, families, in five languages.
Many of these hold the words that harmful ones hold, because that is what it has to tell apart. `{a|b}` is a choice."""

BENIGN = {
    "en": """
{A wide shot|A close-up|A slow pan} of {a river|an old street|a garden|the city skyline} {at night|at noon|in fog|in spring}.
{A woman|A man|The captain|The baker|A nurse} {walks into|leaves|looks around} {the station|a shop|the church|the kitchen}.
{She|He|The boy|The girl} {picks up the phone|opens a letter|laughs|waits by the window|reads a book|runs upstairs}.
{The detective|The inspector|A journalist} {examines the body|finds blood on the floor|asks about the murder|follows the suspect|shows the evidence}.
{A soldier|The general|A medic} {fires|runs for cover|is hit and falls|carries a wounded friend|writes home} {in the trench|at dawn|near the bridge}.
{Cowboys|Gangsters|Pirates} {shoot at each other|fight with swords|fight in a bar|draw their guns}, {windows break|nobody is hurt|one falls}.
{The surgeon|The doctor} {operates on|saves|examines} {the patient|a child|a soldier}, {blood pressure drops|the heart beats again|the nurse hands the scalpel}.
{The couple|Two lovers|The newlyweds} {kiss|embrace|hold hands|dance close} {on a bridge|in the rain|at the wedding|at the airport}.
{The children|Two kids|The pupils|The teenagers} {play hide and seek|swim in the lake|eat ice cream|sing a song|do homework|go to school}.
{The mother|The grandfather|Her father} {tucks the child in bed|bathes the baby|kisses his daughter good night|tells a bedtime story}.
{A documentary|A history film|A lesson} about {the war|slavery|the holocaust|the civil rights march|immigrants arriving by ship|a jewish family}.
{Women|Immigrants|Black students|Muslim families|Gay couples|Disabled athletes} {celebrate|march for their rights|share a meal|win the race|open a shop}.
{He mourns|She grieves for} {her brother|his wife} who {died by suicide|died in the accident|was killed in the war}, {friends comfort her|at the funeral}.
{A counsellor|A friend|A hotline volunteer} {listens to|helps|sits with} {a depressed teenager|a girl with anorexia|a man in crisis}.
{The reporter|The news anchor} {speaks into the camera|reads the election results|interviews a voter|presents the evening news}.
{The actor|The crew|The director} {shoots the scene again|cuts the take|prepares fake blood|sets up the camera|kills the lights|rehearses the fight}.
{The dragon|The monster|A zombie|The vampire} {chases the hero|roars|bites the guard|is defeated|falls off the cliff}.
{A bomb|A car|The old factory} {explodes|blows up} {behind the hero|in the distance|in the desert}.
{The thief|The spy|The robber} {steals a painting|wears a false beard|lies to the guard|pretends to be a waiter|cracks the safe}.
{A painter|A student|A sculptor} {draws a nude model|studies a naked statue|paints a bather} in {the studio|the museum|art class}.
{I will kill you|You are dead to me|I could die of shame|Shoot me now|Let him live}, {he says|she jokes|the villain hisses}.
{The king|Napoleon|The queen|A roman senator} {is crowned|signs the treaty|speaks to the people|is stabbed by the conspirators}.
{The judge|The jury|The lawyer} {hears the rape trial|sentences the killer|reads the verdict|looks at the photographs}.
{A butcher|A cook|A fisherman} {cuts the meat|guts a fish|chops onions|sharpens a knife}.
{Where is|Who moved|Put down} {my corpse|the fake blood|the rubber axe|the cardboard bomb|the dead king}, {the director shouts|asks the prop master|we roll in five minutes}.
{The sheriff|The bandit|The marshal} {draws first|cuts the rope|falls from the saddle|wipes the blood from his cheek}, {dust in the street|the crowd is silent}.
{Farm animals|African elephants|Two dogs|Rats} {run through the barn|cross the river|sleep in the sun}, {women watch|children laugh|farmers wave}.
{A video|A short film|An advert} {for|about} {a coffee brand|our school|a bicycle|a new phone|a charity run}.
""",
    "de": """
{Eine Totale|Eine Nahaufnahme|Ein Schwenk} {auf den Fluss|über die Altstadt|durch den Garten} {bei Nacht|am Mittag|im Nebel}.
{Eine Frau|Ein Mann|Der Bäcker|Die Ärztin} {betritt|verlässt} {den Bahnhof|einen Laden|die Kirche|die Küche}.
{Sie|Er|Der Junge|Das Mädchen} {nimmt den Hörer ab|öffnet einen Brief|lacht|wartet am Fenster|liest ein Buch}.
{Der Kommissar|Die Ermittlerin|Eine Journalistin} {untersucht die Leiche|findet Blut am Boden|fragt nach dem Mord|verfolgt den Verdächtigen}.
{Ein Soldat|Der General} {schießt|sucht Deckung|wird getroffen und fällt|trägt einen Verwundeten} {im Graben|im Morgengrauen}.
{Cowboys|Piraten} {schießen aufeinander|kämpfen mit Schwertern|prügeln sich in der Bar}, {niemand wird verletzt|einer fällt}.
{Die Chirurgin|Der Arzt} {operiert|rettet} {den Patienten|ein Kind}, {der Blutdruck fällt|das Herz schlägt wieder}.
{Das Paar|Die Verliebten} {küsst sich|küssen sich|umarmt sich|tanzt} {auf der Brücke|im Regen|auf der Hochzeit}.
{Die Kinder|Zwei Kinder|Die Schüler} {spielen Verstecken|schwimmen im See|essen Eis|singen ein Lied|gehen zur Schule}.
{Die Mutter|Der Großvater} {bringt das Kind ins Bett|badet das Baby|erzählt eine Geschichte}.
{Ein Dokumentarfilm|Eine Unterrichtsstunde} über {den Krieg|den Holocaust|Einwanderer|eine jüdische Familie}.
{Frauen|Einwanderer|Muslimische Familien|Schwule Paare} {feiern|demonstrieren für ihre Rechte|essen zusammen|eröffnen einen Laden}.
{Er trauert um|Sie weint um} {seine Schwester|ihren Bruder}, {der|die} sich {das Leben nahm|umbrachte}, {Freunde trösten|bei der Beerdigung}.
{Eine Beraterin|Ein Freund} {hört zu|hilft|sitzt bei} {einem depressiven Jugendlichen|einem Mädchen mit Magersucht}.
{Die Reporterin|Der Sprecher} {spricht in die Kamera|liest die Wahlergebnisse|stellt die Nachrichten vor}.
{Der Regisseur|Das Team} {dreht die Szene noch einmal|bereitet Kunstblut vor|probt den Kampf|macht das Licht aus}.
{Der Drache|Das Monster|Ein Zombie} {jagt den Helden|brüllt|wird besiegt}.
{Eine Bombe|Ein Auto} {explodiert} {hinter dem Helden|in der Ferne}.
{Der Dieb|Die Spionin} {stiehlt ein Gemälde|trägt einen falschen Bart|belügt den Wächter}.
{Ein Maler|Eine Studentin} {zeichnet ein Aktmodell|betrachtet eine nackte Statue} {im Atelier|im Museum}.
""",
    "fr": """
{Un plan large|Un gros plan} {sur la rivière|de la vieille ville|du jardin} {la nuit|à midi|dans la brume}.
{Une femme|Un homme|Le boulanger|La médecin} {entre dans|quitte} {la gare|un magasin|l'église|la cuisine}.
{Elle|Il|Le garçon|La fille} {décroche le téléphone|ouvre une lettre|rit|attend à la fenêtre|lit un livre}.
{L'inspecteur|La journaliste} {examine le corps|trouve du sang au sol|enquête sur le meurtre|suit le suspect}.
{Un soldat|Le général} {tire|se met à couvert|est touché et tombe|porte un blessé} {dans la tranchée|à l'aube}.
{Des cow-boys|Des pirates} {se tirent dessus|se battent à l'épée|se bagarrent}, {personne n'est blessé|l'un d'eux tombe}.
{La chirurgienne|Le docteur} {opère|sauve} {le patient|un enfant}, {la tension chute|le cœur repart}.
{Le couple|Les amoureux} {s'embrasse|s'embrassent|danse} {sur un pont|sous la pluie|au mariage}.
{Les enfants|Les élèves} {jouent à cache-cache|nagent dans le lac|mangent une glace|chantent|vont à l'école}.
{La mère|Le grand-père} {couche l'enfant|donne le bain au bébé|raconte une histoire}.
{Un documentaire|Une leçon} sur {la guerre|la Shoah|les immigrés|une famille juive}.
{Des femmes|Des immigrés|Des familles musulmanes|Des couples homosexuels} {font la fête|défilent pour leurs droits|partagent un repas}.
{Il pleure|Elle est en deuil de} {sa sœur|son frère} qui {s'est suicidé|est mort à la guerre}, {des amis consolent|à l'enterrement}.
{Une conseillère|Un ami} {écoute|aide} {un adolescent déprimé|une fille anorexique}.
{La reporter|Le présentateur} {parle à la caméra|lit les résultats de l'élection|présente le journal}.
{Le réalisateur|L'équipe} {retourne la scène|prépare du faux sang|répète le combat|éteint les lumières}.
{Le dragon|Le monstre|Un zombie} {poursuit le héros|rugit|est vaincu}.
{Une bombe|Une voiture} {explose} {derrière le héros|au loin}.
{Le voleur|L'espionne} {vole un tableau|porte une fausse barbe|ment au garde}.
{Un peintre|Une étudiante} {dessine un modèle nu|regarde une statue nue} {à l'atelier|au musée}.
""",
    "es": """
{Un plano general|Un primer plano} {del río|de la ciudad vieja|del jardín} {de noche|al mediodía|en la niebla}.
{Una mujer|Un hombre|El panadero|La médica} {entra en|sale de} {la estación|una tienda|la iglesia|la cocina}.
{Ella|Él|El chico|La chica} {coge el teléfono|abre una carta|ríe|espera en la ventana|lee un libro}.
{El inspector|La periodista} {examina el cuerpo|encuentra sangre en el suelo|investiga el asesinato|sigue al sospechoso}.
{Un soldado|El general} {dispara|se cubre|cae herido|lleva a un herido} {en la trinchera|al amanecer}.
{Vaqueros|Piratas} {se disparan|luchan con espadas|se pelean en el bar}, {nadie resulta herido|uno cae}.
{La cirujana|El doctor} {opera|salva} {al paciente|a un niño}, {baja la presión|el corazón vuelve a latir}.
{La pareja|Los novios} {se besa|se besan|baila} {en un puente|bajo la lluvia|en la boda}.
{Los niños|Los alumnos} {juegan al escondite|nadan en el lago|comen helado|cantan|van a la escuela}.
{La madre|El abuelo} {acuesta al niño|baña al bebé|cuenta un cuento}.
{Un documental|Una lección} sobre {la guerra|el Holocausto|los inmigrantes|una familia judía}.
{Mujeres|Inmigrantes|Familias musulmanas|Parejas gays} {celebran|marchan por sus derechos|comparten una comida}.
{Él llora a|Ella está de luto por} {su hermana|su hermano} que {se suicidó|murió en la guerra}, {los amigos consuelan|en el funeral}.
{Una consejera|Un amigo} {escucha|ayuda} a {un adolescente deprimido|una chica con anorexia}.
{La reportera|El presentador} {habla a cámara|lee los resultados de las elecciones|presenta las noticias}.
{El director|El equipo} {repite la escena|prepara sangre falsa|ensaya la pelea|apaga las luces}.
{El dragón|El monstruo|Un zombi} {persigue al héroe|ruge|es derrotado}.
{Una bomba|Un coche} {explota} {detrás del héroe|a lo lejos}.
{El ladrón|La espía} {roba un cuadro|lleva una barba falsa|miente al guardia}.
{Un pintor|Una estudiante} {dibuja un modelo desnudo|mira una estatua desnuda} {en el taller|en el museo}.
""",
    "it": """
{Un campo lungo|Un primo piano} {del fiume|della città vecchia|del giardino} {di notte|a mezzogiorno|nella nebbia}.
{Una donna|Un uomo|Il fornaio|La dottoressa} {entra in|esce da} {stazione|un negozio|chiesa|cucina}.
{Lei|Lui|Il ragazzo|La ragazza} {risponde al telefono|apre una lettera|ride|aspetta alla finestra|legge un libro}.
{L'ispettore|La giornalista} {esamina il corpo|trova sangue sul pavimento|indaga sull'omicidio|segue il sospetto}.
{Un soldato|Il generale} {spara|si ripara|viene colpito e cade|porta un ferito} {in trincea|all'alba}.
{Cowboy|Pirati} {si sparano|combattono con le spade|fanno a botte al bar}, {nessuno si fa male|uno cade}.
{La chirurga|Il dottore} {opera|salva} {il paziente|un bambino}, {la pressione scende|il cuore riparte}.
{La coppia|Gli innamorati} {si bacia|si baciano|balla} {su un ponte|sotto la pioggia|al matrimonio}.
{I bambini|Gli alunni} {giocano a nascondino|nuotano nel lago|mangiano il gelato|cantano|vanno a scuola}.
{La madre|Il nonno} {mette a letto il bambino|fa il bagno al neonato|racconta una fiaba}.
{Un documentario|Una lezione} su {la guerra|l'Olocausto|gli immigrati|una famiglia ebrea}.
{Donne|Immigrati|Famiglie musulmane|Coppie gay} {festeggiano|sfilano per i loro diritti|condividono un pasto}.
{Lui piange|Lei è in lutto per} {la sorella|il fratello} che {si è suicidato|è morto in guerra}, {gli amici consolano|al funerale}.
{Una consulente|Un amico} {ascolta|aiuta} {un adolescente depresso|una ragazza con anoressia}.
{L'inviata|Il conduttore} {parla alla camera|legge i risultati delle elezioni|presenta il telegiornale}.
{Il regista|La troupe} {ripete la scena|prepara il sangue finto|prova il combattimento|spegne le luci}.
{Il drago|Il mostro|Uno zombie} {insegue l'eroe|ruggisce|viene sconfitto}.
{Una bomba|Una macchina} {esplode} {dietro l'eroe|in lontananza}.
{Il ladro|La spia} {ruba un quadro|porta una barba finta|mente alla guardia}.
{Un pittore|Una studentessa} {disegna un modello nudo|guarda una statua nuda} {in studio|al museo}.
""",
}
